"""How often something may be tried: what is limited, and the counters of failures."""

from enum import StrEnum
from typing import Protocol


class LimitedOperation(StrEnum):
    """The operations that each client address may perform only so often."""

    REGISTER = "register"
    LOGIN = "login"
    REFRESH = "refresh"


class AttemptLimit(Protocol):
    """Counts attempts of one kind, whoever makes them, in all processes together.

    Both methods use a connection of their own: call them outside of every transaction, which
    would hold SQLite's write lock against them. Where the store cannot be reached they raise.
    """

    def seconds_until_free(self) -> int:
        """Return how long no further attempt is allowed; 0 when one is."""
        ...

    def count(self) -> None:
        """Count one attempt."""
        ...


class NoAttemptLimit:
    """Allows every attempt; implements `AttemptLimit` where limits are switched off."""

    def seconds_until_free(self) -> int:
        """Return 0."""
        return 0

    def count(self) -> None:
        """Count nothing."""
