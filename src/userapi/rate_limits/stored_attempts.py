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

    def seconds_until_free(self) -> int:
        """Return how long no further attempt is allowed; 0 when one is."""
        window = self._counter.get_window_stats(self._limit, self._name)
        if window.remaining > 0:
            return 0
        return max(1, floor(window.reset_time - utc_now().timestamp()) + 1)

    def count(self) -> None:
        """Count one attempt."""
        self._counter.hit(self._limit, self._name)
