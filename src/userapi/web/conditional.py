"""Conditional requests (RFC 9110): strong ETags, made of an object's id and version.

The id keeps the tags of different objects apart where one path leads to several of them, as
`/users/me` does.
"""

import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Protocol, TypeVar, cast

from flask import Response, request

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.versions import StaleVersion, Versions
from userapi.web.operation import Operation, record
from userapi.web.traits import HeaderParameter, ResponseHeader, Trait

F = TypeVar("F", bound=Callable[..., Any])

MAX_TAGS_LENGTH = 1_000
_ONE = r'((W/)?"[!#-~\u0080-\u00ff]*"|[!#-+\--~]+)'
TAGS_PATTERN = rf"^[ \t,]*{_ONE}([ \t]*,[ \t,]*{_ONE})*[ \t,]*$"
"""A list of entity tags or `*`, as RFC 9110 has it; the quotes of a strong tag are optional."""

TAGS_SCHEMA = {"type": "string", "pattern": TAGS_PATTERN, "maxLength": MAX_TAGS_LENGTH}
"""The values that `If-Match` and `If-None-Match` may have."""

_TAG_LENGTH = 200  # of our own, which are far shorter
_TAGS = re.compile(TAGS_PATTERN[1:-1])
_TAG = re.compile(r"(?P<id>[1-9][0-9]{0,18})-(?P<version>[1-9][0-9]{0,17})")

_TAGGED = Trait(
    name="tagged",
    headers=(
        ResponseHeader(
            "ETag",
            "ETag",
            {
                "description": (
                    "The version of what is answered, for `If-Match` and `If-None-Match`."
                ),
                "required": True,
                "schema": {"type": "string", "pattern": r'^"[!#-~]+"$', "maxLength": _TAG_LENGTH},
                "example": '"7-3"',
            },
        ),
    ),
)
_REVALIDATED = Trait(
    name="revalidated",
    parameters=(
        HeaderParameter(
            "IfNoneMatch",
            "If-None-Match",
            {
                "description": (
                    "The `ETag` of what the caller has already; while it is current the answer "
                    "is 304."
                ),
                "schema": TAGS_SCHEMA,
                "example": '"7-3"',
            },
        ),
    ),
    responses={int(HTTPStatus.NOT_MODIFIED): "What the caller has already is current."},
    reads_only=True,
)
_CACHEABLE = Trait(
    name="cacheable",
    headers=(
        ResponseHeader(
            "CacheControl",
            "Cache-Control",
            {
                "description": "That anybody may keep the answer, and for how many seconds.",
                "required": True,
                "schema": {
                    "type": "string",
                    "pattern": "^public, max-age=[0-9]+$",
                    "maxLength": 40,
                },
                "example": "public, max-age=300",
            },
        ),
    ),
)
_CONDITIONAL = Trait(
    name="if-match",
    parameters=(
        HeaderParameter(
            "IfMatch",
            "If-Match",
            {
                "description": (
                    "The `ETag` of the version that the edit is made for, or several, or `*` for "
                    "any; without it the edit is made for whatever is there."
                ),
                "schema": TAGS_SCHEMA,
                "example": '"7-3"',
            },
        ),
    ),
)


class Versioned(Protocol):
    """An object with a version that each of its changes counts up."""

    @property
    def id(self) -> int:
        """Its id, never used twice."""
        ...

    @property
    def version(self) -> int:
        """Its version."""
        ...


class Cacheable(Protocol):
    """What anybody may keep for a time."""

    @property
    def tag(self) -> str:
        """What changes exactly when it does."""
        ...

    @property
    def max_age(self) -> int:
        """For how many seconds it may be kept."""
        ...


def etag(function: F) -> F:
    """Answer with the `ETag` of the result, and 304 to who has it already."""

    @wraps(function)
    def tagged(*args: Any, **kwargs: Any) -> Any:
        entity: Versioned = function(*args, **kwargs)
        tag = etag_of(entity)
        return not_modified(tag) or (entity, {"ETag": f'"{tag}"'})

    record(tagged, Operation(traits=(_TAGGED, _REVALIDATED)))
    return cast("F", tagged)


def cacheable(function: F) -> F:
    """Let anybody keep the result for its `max_age`, and answer 304 to who has it already."""

    @wraps(function)
    def cached(*args: Any, **kwargs: Any) -> Any:
        result: Cacheable = function(*args, **kwargs)
        headers = {"Cache-Control": f"public, max-age={result.max_age}"}
        answer = not_modified(result.tag)
        if answer is not None:
            answer.headers.update(headers)
            return answer
        return result, {**headers, "ETag": f'"{result.tag}"'}

    record(cached, Operation(traits=(_TAGGED, _REVALIDATED, _CACHEABLE)))
    return cast("F", cached)


def if_match(entity_id: str) -> Callable[[F], F]:
    """Read `If-Match`; the method gets the accepted `versions` by name, None for any.

    `entity_id` names the argument with the id of the object that is changed.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def conditional(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs, versions=accepted_versions(kwargs[entity_id]))

        record(conditional, Operation(problems=(StaleVersion,), traits=(_CONDITIONAL,)))
        return cast("F", conditional)

    return decorate


def etag_of(entity: Versioned) -> str:
    """Return the opaque tag of an object as it is now, without the quotes of the header."""
    return f"{entity.id}-{entity.version}"


def accepted_versions(entity_id: int) -> Versions | None:
    """Return the versions that `If-Match` names of that object; None accepts any.

    A weak tag matches nothing, nor does a tag of anything else. Raises `InvalidInput`.
    """
    _refuse_malformed("If-Match")
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    # An empty tag comes as None.
    tags = (_TAG.fullmatch(tag or "") for tag in request.if_match)
    return frozenset(int(tag["version"]) for tag in tags if tag and int(tag["id"]) == entity_id)


def not_modified(tag: str) -> Response | None:
    """Return the answer to a read whose `If-None-Match` names what is here; else None.

    Raises `InvalidInput`.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    _refuse_malformed("If-None-Match")
    if not request.if_none_match.contains_weak(tag):
        return None
    response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(tag)
    return response


def _refuse_malformed(header: str) -> None:
    given = request.headers.get(header)
    if given is None or (len(given) <= MAX_TAGS_LENGTH and _TAGS.fullmatch(given)):
        return
    detail = f"This must be * or a list of entity tags, of at most {MAX_TAGS_LENGTH} characters."
    raise InvalidInput([FieldError("entity-tags", detail, parameter=header)])
