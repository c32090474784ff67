"""Answers with more than a body: where what was created is, and where the pages around are."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote_plus

from flask import jsonify, request

from userapi.kit.pagination import MAX_PAGE, KeysetPage, Page, Relation
from userapi.web.output import OutputSchema
from userapi.web.proxies import public_path
from userapi.web.traits import Listing, ResponseHeader, Trait

F = TypeVar("F", bound=Callable[..., Any])
Headers = dict[str, str]

LOCATED = Trait(
    name="located",
    headers=(
        ResponseHeader(
            "Location",
            "Location",
            {
                "description": "The path of what was created.",
                "required": True,
                "schema": {"type": "string", "format": "uri-reference", "maxLength": 2_000},
                "example": "/api/v1/users/7",
            },
        ),
    ),
)
_LINK = ResponseHeader(
    "Link",
    "Link",
    {
        "description": "The first, last, previous and next page, as far as there are any.",
        "required": True,
        # Up to four addresses, of requests that the server takes.
        "schema": {"type": "string", "maxLength": 100_000, "pattern": "^[ -~]*$"},
        "example": '</api/v1/posts?page=1>; rel="first", </api/v1/posts?page=2>; rel="last"',
    },
)
PAGED = Listing(name="linked", headers=(_LINK,), size_parameter="per_page")
KEYSET_PAGED = Listing(name="linked", headers=(_LINK,), size_parameter="limit")


class Identified(Protocol):
    """An object with an id."""

    @property
    def id(self) -> object:
        """Its id."""
        ...


def accepting(function: F, schema: type[OutputSchema], kind: type) -> F:
    """Return `function` so that a result of that kind is answered 202, shaped by `schema`."""
    shape = schema()

    @wraps(function)
    def answered(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not isinstance(result, kind):
            return result
        response = jsonify(shape.dump(result))
        response.status_code = HTTPStatus.ACCEPTED
        return response

    return cast("F", answered)


def with_headers(result: Any) -> tuple[Any, Headers]:
    """Return what a method returned, and the headers that go with it."""
    return result if isinstance(result, tuple) else (result, {})


def location_of(entity: Identified, template: str) -> Headers:
    """Return the `Location` of a new entity; `{id}` stands for its id."""
    return {"Location": template.format(id=entity.id)}


def page_links(page: Page[Any]) -> Headers:
    """Return the `Link`s (RFC 8288) to the pages around a page.

    They go on as the page was asked for: by numbers, or by cursors.
    """
    if not page.is_numbered:
        return keyset_links(page)
    last = min(max(page.pages, 1), MAX_PAGE)
    is_exact = page.total_relation is Relation.EQUAL
    numbers = {"first": 1}
    if is_exact and last <= page.last_number:
        numbers["last"] = last
    if page.page > 1:
        numbers["prev"] = min(page.page - 1, last) if is_exact else page.page - 1
    changes: dict[str, dict[str, str | None]] = {
        rel: {"page": str(number)} for rel, number in numbers.items()
    }
    if page.page < last if is_exact else page.next is not None:
        changes["next"] = _next_of(page)
    return _links(changes)


def _next_of(page: Page[Any]) -> dict[str, str | None]:
    """Return what asks for the next page: its number, or the cursor where numbers have ended."""
    if page.page < page.last_number:
        return {"page": str(page.page + 1)}
    return {"page": None, "cursor": str(page.next)}


def keyset_links(page: KeysetPage[Any] | Page[Any]) -> Headers:
    """Return the `Link`s to the beginning of a list and to the parts after and before this one."""
    changes: dict[str, dict[str, str | None]] = {"first": {"cursor": None}}
    for rel, cursor in (("prev", page.prev), ("next", page.next)):
        if cursor is not None:
            changes[rel] = {"cursor": str(cursor)}
    return _links(changes)


def _links(changes: Mapping[str, Mapping[str, str | None]]) -> Headers:
    """Return the header with the requested address, changed for each relation as it says.

    A parameter that is None is left out.
    """
    path = public_path(request.path)
    asked = {name: _parameter(name, *values) for name, values in request.args.lists()}
    links = (f'<{_address(path, asked, changed)}>; rel="{rel}"' for rel, changed in changes.items())
    return {"Link": ", ".join(links)}


def _address(path: str, asked: Mapping[str, str], changed: Mapping[str, str | None]) -> str:
    """Return an address with the parameters that were asked for, as they are written, changed."""
    written = {
        name: None if value is None else _parameter(name, value) for name, value in changed.items()
    }
    query = "&".join(each for each in {**asked, **written}.values() if each is not None)
    return f"{path}?{query}" if query else path


def _parameter(name: str, *values: str) -> str:
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for value in values)
