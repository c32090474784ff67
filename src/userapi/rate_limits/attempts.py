"""Limits on attempts, as the services see them."""

from typing import Protocol


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
