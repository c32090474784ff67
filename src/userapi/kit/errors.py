"""What can go wrong, in the domain's words.

    DomainError
    ├── InvalidInput          a request that breaks the documented rules
    ├── NotAllowed            the caller may not do this to this object
    ├── RateLimited           the base of what may be tried again only later
    ├── TokenMissing          no bearer token was sent
    ├── TokenRefused          the base of refusals of a token that was sent
    │   ├── TokenInvalid      the token is not one of ours, or not for this use
    │   ├── TokenExpired      the token was ours, and its time is over
    │   └── SessionEnded      the login that the token belongs to is over
    ├── HashingBusy           too many passwords are being worked on already
    ├── StoreUnavailable      the database cannot be reached, or is too busy
    └── each feature's own    see `errors.py` in its folder

A domain error has a kind, from which the web layer derives the HTTP status, and a stable
code, by which clients tell failures apart. Everything in it is public: what is meant for
the log only must be logged instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """The nature of a failure; `web.problems` has the table from kind to HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition-failed"
    TIMED_OUT = "timed-out"
    TOO_LARGE = "too-large"
    URI_TOO_LONG = "uri-too-long"
    HEADERS_TOO_LARGE = "headers-too-large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    RATE_LIMITED = "rate-limited"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """The base of every failure that a caller may be told about."""

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]
    detail: ClassVar[str]

    def __str__(self) -> str:
        """Return the public explanation."""
        return self.detail


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field, parameter or document.

    Exactly one of `pointer` (an RFC 6901 JSON pointer into the body) and `parameter` (a
    query parameter's name) is set.
    """

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None


class InvalidInput(DomainError):
    """The request is well formed but breaks a documented rule."""

    kind = Kind.INVALID
    code = "invalid-input"
    title = "Invalid input"
    detail = "One or more fields or parameters are invalid; `errors` names each one."

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


class NotAllowed(DomainError):
    """The caller is known, but may not do this."""

    kind = Kind.FORBIDDEN
    code = "not-allowed"
    title = "Not allowed"
    detail = "You do not have permission to do this."


class RateLimited(DomainError):
    """The base of refusals that hold for a time: `retry_after` tells how many seconds."""

    kind = Kind.RATE_LIMITED

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class TokenMissing(DomainError):
    """No bearer token was sent."""

    kind = Kind.UNAUTHENTICATED
    code = "token-missing"
    title = "Authentication required"
    detail = "Send a token as `Authorization: Bearer <token>`."


class TokenRefused(DomainError):
    """The base of refusals of a token that was sent: what RFC 6750 calls `invalid_token`."""

    kind = Kind.UNAUTHENTICATED


class TokenInvalid(TokenRefused):
    """The token is not one of ours, or not of the kind that this operation takes."""

    code = "token-invalid"
    title = "Invalid token"
    detail = "The token is malformed, was not issued here, or is of the wrong kind."


class TokenExpired(TokenRefused):
    """The token was ours, and its time is over."""

    code = "token-expired"
    title = "Token expired"
    detail = "Get a new access token with the refresh token, or log in again."


class SessionEnded(TokenRefused):
    """The login that the token belongs to is over: logged out, deactivated or deleted."""

    code = "session-ended"
    title = "Session ended"
    detail = "The session was ended, or its account is no longer active; log in again."


class HashingBusy(DomainError):
    """So many passwords are being worked on that one more would have to wait too long."""

    kind = Kind.UNAVAILABLE
    code = "hashing-busy"
    title = "Too many passwords at once"
    detail = "The service checks as many passwords as it can; nothing was tried, try again shortly."


class StoreUnavailable(DomainError):
    """The database cannot be reached, or is too busy to answer in time."""

    kind = Kind.UNAVAILABLE
    code = "store-unavailable"
    title = "Service temporarily unavailable"
    detail = "The database did not answer in time; try again shortly."


class OperatorError(Exception):
    """The base of what only a command can run into; `message` tells the operator what to do."""

    message: ClassVar[str]

    def __str__(self) -> str:
        """Return the message."""
        return self.message


def summary_of(error: Exception) -> str:
    """Return the first line of what went wrong, in the words of the driver where there is one."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]


def all_domain_errors() -> Iterator[type[DomainError]]:
    """Yield every concrete error class that has been imported, ordered by code."""
    found: dict[str, type[DomainError]] = {}
    pending = [DomainError]
    while pending:
        error = pending.pop()
        pending.extend(error.__subclasses__())
        if "code" in vars(error):
            found[error.code] = error
    yield from (found[code] for code in sorted(found))
