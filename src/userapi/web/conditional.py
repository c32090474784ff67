"""Conditional requests (RFC 9110): strong ETags, made of an object's id and version.

The id keeps the tags of different objects apart where one path leads to several of them, as
`/users/me` does.
"""

import re
from http import HTTPStatus
from typing import Protocol

from flask import Response, request

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.versions import Versions

MAX_TAGS_LENGTH = 1_000
_ONE = r'((W/)?"[!#-~\u0080-\u00ff]*"|[!#-+\--~]+)'
TAGS_PATTERN = rf"^[ \t,]*{_ONE}([ \t]*,[ \t,]*{_ONE})*[ \t,]*$"
"""A list of entity tags or `*`, as RFC 9110 has it; the quotes of a strong tag are optional."""

TAGS_SCHEMA = {"type": "string", "pattern": TAGS_PATTERN, "maxLength": MAX_TAGS_LENGTH}
"""The values that `If-Match` and `If-None-Match` may have."""

_TAGS = re.compile(TAGS_PATTERN[1:-1])
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
