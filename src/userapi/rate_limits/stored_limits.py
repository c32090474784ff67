"""Limits on attempts, counted in the store of the rate limits."""

from math import floor

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from userapi.kit.clock import utc_now
from userapi.rate_limits.store import RateLimitStore


class StoredAttemptLimit:
    """Counts attempts in fixed windows; implements `AttemptLimit`."""

    def __init__(self, *, name: str, limit: str, store: RateLimitStore) -> None:
        self._name = name
        self._limit = parse(limit)
        self._counter = FixedWindowRateLimiter(storage_from_string(store.uri, **store.options))

    def seconds_until_free(self, bucket: str = "") -> int:
        """Return how long no further attempt is allowed; 0 when one is."""
        if self._counted(bucket) < self._limit.amount:
            return 0
        window = self._counter.get_window_stats(self._limit, *self._names(bucket))
        return max(1, floor(window.reset_time - utc_now().timestamp()) + 1)

    def is_untouched(self, bucket: str = "") -> bool:
        """Say whether nothing is counted."""
        return self._counted(bucket) == 0

    def count(self, bucket: str = "", cost: int = 1) -> None:
        """Count one attempt, as if it were `cost` of them."""
        self._counter.hit(self._limit, *self._names(bucket), cost=cost)

    def _counted(self, bucket: str) -> int:
        return self._counter.storage.get(self._limit.key_for(*self._names(bucket)))

    def _names(self, bucket: str) -> tuple[str, ...]:
        return (self._name, bucket) if bucket else (self._name,)
