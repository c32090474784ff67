"""Where a request comes from, as it is recorded beside what it did."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """A request's name, the client's network address and what the client calls itself.

    Each is None where there is no request, as in a command, or where the client did not tell.
    """

    request_id: str | None = None
    address: str | None = None
    user_agent: str | None = None


ClientInfoReader = Callable[[], ClientInfo]
"""A function that returns where the current request comes from."""
