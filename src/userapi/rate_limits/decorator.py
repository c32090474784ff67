"""The decorator of an operation that each client address may ask for only so often."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from userapi.kit.errors import StoreUnavailable
from userapi.rate_limits.errors import TooManyRequests
from userapi.web.operation import Operation, record
from userapi.web.traits import ResponseHeader, Trait

F = TypeVar("F", bound=Callable[..., Any])

_HEADER_LENGTH = 200

RATE_LIMIT = ResponseHeader(
    "RateLimit",
    "RateLimit",
    {
        "description": (
            "How many requests are left (`r`), and for how many seconds (`t`); absent where "
            "limits are switched off, and from what was refused before it was counted."
        ),
        "schema": {
            "type": "string",
            "pattern": r'^"[a-z-]+";r=[0-9]+;t=[0-9]+$',
            "maxLength": _HEADER_LENGTH,
        },
        "example": '"login";r=29;t=300',
    },
    on_errors=True,
)
RATE_LIMIT_POLICY = ResponseHeader(
    "RateLimitPolicy",
    "RateLimit-Policy",
    {
        "description": (
            "How many requests (`q`) a client address may make in how many seconds (`w`); absent "
            "where limits are switched off, and from what was refused before it was counted."
        ),
        "schema": {
            "type": "string",
            "pattern": r'^"[a-z-]+";q=[0-9]+;w=[0-9]+$',
            "maxLength": _HEADER_LENGTH,
        },
        "example": '"login";q=30;w=300',
    },
    on_errors=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Trait):
    """How often each client address may ask for an operation.

    Operations with the same name are counted together. `default` holds where the settings have no
    limit of that name; both are in the notation of the library `limits`.
    """

    default: str


def limited(name: str, default: str = "") -> Callable[[F], F]:
    """Limit how often a client address may ask, which is counted before all else.

    `default` is a limit such as "30 per 5 minutes"; it holds where the settings have none of that
    name.
    """
    limit = RateLimit(name=name, default=default, headers=(RATE_LIMIT, RATE_LIMIT_POLICY))

    def decorate(function: F) -> F:
        record(function, Operation(problems=(TooManyRequests, StoreUnavailable), traits=(limit,)))
        return function

    return decorate
