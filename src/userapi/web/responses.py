"""Answers with more than a body."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from userapi.kit.pagination import MAX_PAGE, KeysetPage, Page

T = TypeVar("T")

WithHeaders = tuple[T, dict[str, str]]
"""What is answered, and the headers that go with it."""

LOCATION_HEADER = {"Location": {"$ref": "#/components/headers/Location"}}
LINK_HEADER = {"Link": {"$ref": "#/components/headers/Link"}}


def created(entity: T, location: str) -> WithHeaders[T]:
    """Answer with the new entity and its `Location`."""
    return entity, {"Location": location}


def paged(page: Page[T]) -> WithHeaders[Page[T]]:
    """Answer with a page and the `Link`s (RFC 8288) to the pages around it."""
    last = min(max(page.pages, 1), MAX_PAGE)
    numbers = {"first": 1, "last": last}
    if page.page > 1:
        numbers["prev"] = min(page.page - 1, last)
    if page.page < last:
        numbers["next"] = page.page + 1
    return page, _links({rel: {"page": str(number)} for rel, number in numbers.items()})


def keyset_paged(page: KeysetPage[T]) -> WithHeaders[KeysetPage[T]]:
    """Answer with a part of a list and the `Link`s to its beginning and its next part."""
    changes: dict[str, dict[str, str | None]] = {"first": {"cursor": None}}
    if page.next_cursor is not None:
        changes["next"] = {"cursor": str(page.next_cursor)}
    return page, _links(changes)


def _links(changes: Mapping[str, Mapping[str, str | None]]) -> dict[str, str]:
    """Return the header with the requested address, changed for each relation as it says.

    A parameter that is None is left out.
    """
    links = (f'<{_address_with(changed)}>; rel="{rel}"' for rel, changed in changes.items())
    return {"Link": ", ".join(links)}


def _address_with(changed: Mapping[str, str | None]) -> str:
    parameters = {**request.args, **changed}
    query = urlencode({name: it for name, it in parameters.items() if it is not None})
    return f"{request.path}?{query}" if query else request.path
