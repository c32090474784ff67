"""How operations say what limits them, and what comes with all that are limited."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from userapi.kit.errors import StoreUnavailable
from userapi.rate_limits.errors import TooManyRequests
from userapi.rate_limits.windows import pattern_of
from userapi.web.operation import Operation, recording
from userapi.web.traits import Listing, ResponseHeader, Trait

F = TypeVar("F", bound=Callable[..., Any])

ITEMS_OF_A_REQUEST = 10
"""So many items of a list cost as much as a request."""

BYTES_OF_A_CHANGE = 10_000
"""So many bytes of a body cost as much as a change."""

_HEADER_LENGTH = 400
_ABSENT = "Absent where limits are switched off."
RATE_LIMIT = ResponseHeader(
    "RateLimit",
    "RateLimit",
    {
        "description": (
            "What is left (`r`), and for how many seconds (`t`), of each limit that counted the "
            f"request, the most pressing first. {_ABSENT}"
        ),
        "schema": {"type": "string", "pattern": pattern_of("r", "t"), "maxLength": _HEADER_LENGTH},
        "example": '"login";r=29;t=300, "client";r=5980;t=241',
    },
    on_errors=True,
)
RATE_LIMIT_POLICY = ResponseHeader(
    "RateLimitPolicy",
    "RateLimit-Policy",
    {
        "description": (
            "How much each of these limits allows (`q`) in how many seconds (`w`): `client` to a "
            "network address, `writes` to a user that changes something, others to a network "
            f"address that asks for one operation. {_ABSENT}"
        ),
        "schema": {"type": "string", "pattern": pattern_of("q", "w"), "maxLength": _HEADER_LENGTH},
        "example": '"login";q=30;w=300, "client";q=6000;w=300',
    },
    on_errors=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Trait):
    """How often each client address may ask for an operation, besides what limits all of them.

    Operations with the same name are counted together. `default` holds where the settings have no
    limit of that name; both are in the notation of the library `limits`.
    """

    default: str


class Unlimited(Trait):
    """An operation that nothing counts."""


class OwnCount(Trait):
    """An operation that is counted by itself, for the caller's session and not for its user."""


class ClientCount(Trait):
    """An operation that is counted for the client address alone."""


def limited(name: str, default: str = "") -> Callable[[F], F]:
    """Limit how often a client address may ask, which is counted before all else.

    `default` is a limit such as "30 per 5 minutes"; it holds where the settings have none of that
    name. It stands beside the limits that hold for every operation.
    """
    limit = RateLimit(name=name, default=default, facts={"x-rate-limit": name})
    return recording(Operation(problems=(StoreUnavailable,), traits=(limit,)))


def unlimited(function: F) -> F:
    """Let everybody ask as often as they like, without being counted."""
    return recording(Operation(traits=(Unlimited(name="unlimited"),)))(function)


def counted_by_session(function: F) -> F:
    """Count the requests of the caller's session for this operation apart.

    Who has stolen a token must not be able to use up what its owner needs to end the session.
    """
    return recording(Operation(traits=(OwnCount(name="counted-by-session"),)))(function)


def counted_by_client(function: F) -> F:
    """Count the requests for their client address alone, whoever the caller is.

    It suits what can succeed once: whoever has the caller's token could use up any other count
    with requests that fail.
    """
    return recording(Operation(traits=(ClientCount(name="counted-by-client"),)))(function)


def facts_of_limits(operation: Operation) -> Operation:
    """Return what comes with an operation because it is limited; nothing if it is not."""
    if operation.find_trait(Unlimited):
        return Operation()
    is_listing = operation.find_trait(Listing) is not None
    counted = Trait(
        name="counted",
        headers=(RATE_LIMIT, RATE_LIMIT_POLICY),
        facts={"x-rate-limit-items": ITEMS_OF_A_REQUEST} if is_listing else {},
    )
    return Operation(problems=(TooManyRequests,), traits=(counted,))
