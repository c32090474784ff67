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
from werkzeug.datastructures import ETags

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.versions import StaleVersion, Versions
from userapi.web.conditional_docs import (
    CACHEABLE,
    CONDITIONAL,
    MAX_TAGS_LENGTH,
    REVALIDATED,
    TAGGED,
    TAGS_PATTERN,
)
from userapi.web.operation import Operation, record

F = TypeVar("F", bound=Callable[..., Any])

_TAGS = re.compile(TAGS_PATTERN[1:-1])
# What proxies that compress add: Apache's mod_deflate, Caddy and others.
_SUFFIX = re.compile("-(gzip|br|deflate|zstd)$")
_TAG = re.compile(r"(?P<id>[1-9][0-9]{0,18})-(?P<version>[1-9][0-9]{0,17})")


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
        entity: Versioned | Response = function(*args, **kwargs)
        if isinstance(entity, Response):
            return entity
        tag = etag_of(entity)
        return _short_answer(tag) or (entity, {"ETag": f'"{tag}"'})

    record(tagged, Operation(problems=_problems_of(function), traits=(TAGGED, REVALIDATED)))
    return cast("F", tagged)


def cacheable(function: F) -> F:
    """Let anybody keep the result for its `max_age`, and answer 304 to who has it already."""

    @wraps(function)
    def cached(*args: Any, **kwargs: Any) -> Any:
        result: Cacheable = function(*args, **kwargs)
        headers = {"Cache-Control": f"public, max-age={result.max_age}"}
        answer = _short_answer(result.tag)
        if answer is not None:
            answer.headers.update(headers)
            return answer
        return result, {**headers, "ETag": f'"{result.tag}"'}

    traits = (TAGGED, REVALIDATED, CACHEABLE)
    record(cached, Operation(problems=_problems_of(function), traits=traits))
    return cast("F", cached)


def if_match(entity_id: str) -> Callable[[F], F]:
    """Read `If-Match`; the method gets the accepted `versions` by name, None for any.

    `entity_id` names the argument with the id of the object that is changed.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def conditional(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs, versions=accepted_versions(kwargs[entity_id]))

        record(conditional, Operation(problems=(StaleVersion,), traits=(CONDITIONAL,)))
        return cast("F", conditional)

    return decorate


def etag_of(entity: Versioned) -> str:
    """Return the opaque tag of an object as it is now, without the quotes of the header."""
    return f"{entity.id}-{entity.version}"


def accepted_versions(entity_id: int) -> Versions | None:
    """Return the versions that `If-Match` names of that object; None accepts any.

    A tag of anything else matches nothing. `If-None-Match` with `*` or with any version of the
    object accepts none. Raises `InvalidInput`.
    """
    _refuse_malformed("If-Match", "If-None-Match")
    unwanted = request.if_none_match
    if unwanted.star_tag or _versions_in(unwanted, entity_id):
        return frozenset()
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return _versions_in(request.if_match, entity_id)


def is_wanted(tag: str) -> bool:
    """Say whether the current read takes what is here, by its `If-Match`; raise `InvalidInput`."""
    if not _is_read():
        return True
    _refuse_malformed("If-Match", "If-None-Match")
    wanted = request.if_match
    return "If-Match" not in request.headers or wanted.star_tag or tag in _tags_in(wanted)


def not_modified(tag: str) -> Response | None:
    """Return the answer to a read that names what is here in `If-None-Match`, or else None."""
    if not _is_read():
        return None
    _refuse_malformed("If-None-Match")
    known = request.if_none_match
    if not known.star_tag and tag not in _tags_in(known):
        return None
    response = Response(status=HTTPStatus.NOT_MODIFIED)
    response.set_etag(tag)
    return response


def _short_answer(tag: str) -> Response | None:
    """Return the answer to a read of what its caller has already; raise `StaleVersion`."""
    asked = request.environ
    if "HTTP_IF_MATCH" not in asked and "HTTP_IF_NONE_MATCH" not in asked:
        return None
    if not is_wanted(tag):
        raise StaleVersion
    return not_modified(tag)


def _is_read() -> bool:
    return request.method in ("GET", "HEAD")


def _problems_of(function: Callable[..., Any]) -> tuple[type[StaleVersion], ...]:
    """Return what a method of a resource may answer when it is called with conditions."""
    return (StaleVersion,) if function.__name__ == "get" else ()


def _versions_in(header: ETags, entity_id: int) -> Versions:
    tags = (_TAG.fullmatch(tag) for tag in _tags_in(header))
    return frozenset(int(tag["version"]) for tag in tags if tag and int(tag["id"]) == entity_id)


def _tags_in(header: ETags) -> set[str]:
    """Return the tags that a header names, as the service made them.

    RFC 9110 has `If-Match` take no weak tag. But ours are never weak: one that is was made so by
    a proxy that compresses, and names the version all the same.
    """
    # An empty tag comes as None.
    return {_SUFFIX.sub("", tag or "") for tag in header.as_set(include_weak=True)}


def _refuse_malformed(*headers: str) -> None:
    detail = f"This must be * or a list of entity tags, of at most {MAX_TAGS_LENGTH} characters."
    for header in headers:
        given = request.headers.get(header, "*")
        if len(given) > MAX_TAGS_LENGTH or not _TAGS.fullmatch(given):
            raise InvalidInput([FieldError("entity-tags", detail, parameter=header)])
