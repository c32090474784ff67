"""Which version of an object an edit was made for."""

from userapi.kit.errors import DomainError, Kind

Versions = frozenset[int]
"""The versions that an edit accepts; an empty set accepts none."""


class StaleVersion(DomainError):
    """The object is not in the version that the request is made for."""

    kind = Kind.PRECONDITION_FAILED
    code = "stale-version"
    title = "The object has changed"
    detail = (
        "Its `ETag` does not fit the request's conditions; read it again, then repeat the edit."
    )
