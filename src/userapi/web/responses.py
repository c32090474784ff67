"""Answers with more than a body."""

from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from userapi.kit.pagination import MAX_PAGE, Page

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
    links = (f'<{_address_of(number)}>; rel="{rel}"' for rel, number in numbers.items())
    return page, {"Link": ", ".join(links)}


def _address_of(page: int) -> str:
    """Return the address of another page of the list that the request asks for."""
    return f"{request.path}?{urlencode({**request.args, 'page': page})}"
