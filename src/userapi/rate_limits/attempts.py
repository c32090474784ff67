"""Limits on attempts, as the services see them."""

from typing import Protocol


class AttemptLimit(Protocol):
    """Counts attempts of one kind in all processes together, in each bucket by itself.

    Without a bucket they are those of everybody. All methods use a connection of their own: call
    them outside of every transaction, which would hold SQLite's write lock against them. Where
    the store cannot be reached they raise.
    """

    def seconds_until_free(self, *buckets: str) -> int:
        """Return how long no further attempt is allowed in one of them; 0 when one is."""
        ...

    def is_untouched(self, *buckets: str) -> bool:
        """Say whether nothing is counted in any of them."""
        ...

    def count(self, bucket: str = "", cost: int = 1) -> None:
        """Count one attempt, as if it were `cost` of them."""
        ...
