"""When counts of rate limits are deleted."""

from collections.abc import Callable

from userapi.kit.batches import Report, unreported


class RateLimitRetention:
    """Deletes the counts of windows that have ended, of which each batch is a statement."""

    def __init__(self, *, count: Callable[[], int], delete_some: Callable[[], int]) -> None:
        self._count = count
        self._delete_some = delete_some

    def count_expired(self) -> int:
        """Return how many counts are to be deleted."""
        return self._count()

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the counts of all windows that have ended; return how many."""
        total = 0
        while deleted := self._delete_some():
            report(deleted)
            total += deleted
        return total
