"""When counts of rate limits are deleted."""

from userapi.kit.batches import Report, unreported
from userapi.rate_limits.store import RateLimitStore


class RateLimitRetention:
    """Deletes the counts of windows that have ended, of which each batch is a statement."""

    def __init__(self, *, store: RateLimitStore) -> None:
        self._store = store

    def count_expired(self) -> int:
        """Return how many counts are to be deleted."""
        return self._store.count_expired()

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the counts of all windows that have ended; return how many."""
        total = 0
        while deleted := self._store.delete_expired():
            report(deleted)
            total += deleted
        return total
