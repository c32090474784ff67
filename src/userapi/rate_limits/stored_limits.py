"""Limits that are counted in the store of the rate limits, for all processes together."""

from math import floor

from limits import parse

from userapi.rate_limits.store import Count, RateLimitStore
from userapi.rate_limits.windows import Window


class StoredLimit:
    """A limit of one window, which begins with the first use of a key."""

    def __init__(self, *, name: str, limit: str, store: RateLimitStore) -> None:
        self._name = name
        self._limit = parse(limit)
        self._store = store

    def use(self, key: str) -> Window:
        """Count a use of `key` and return its window; one that is refused is counted, too."""
        seconds, quota = self._limit.get_expiry(), self._limit.amount
        count = self._store.hit(self._limit.key_for(key, self._name), seconds)
        return Window(
            name=self._name,
            quota=quota,
            seconds=seconds,
            remaining=max(0, quota - count.hits),
            seconds_left=min(_whole_seconds(count), seconds),
            is_refused=count.hits > quota,
        )


class StoredAttemptLimit:
    """Counts attempts in fixed windows; implements `AttemptLimit`."""

    def __init__(self, *, name: str, limit: str, store: RateLimitStore) -> None:
        self._name = name
        self._limit = parse(limit)
        self._store = store

    def seconds_until_free(self, *buckets: str) -> int:
        """Return how long no further attempt is allowed in one of them; 0 when one is."""
        counts = self._counts(buckets or ("",))
        full = [count for count in counts if count.hits >= self._limit.amount]
        return max(map(_whole_seconds, full), default=0)

    def is_untouched(self, *buckets: str) -> bool:
        """Say whether nothing is counted in any of them."""
        return not any(count.hits for count in self._counts(buckets or ("",)))

    def count(self, bucket: str = "", cost: int = 1) -> None:
        """Count one attempt, as if it were `cost` of them."""
        self._store.hit(self._key(bucket), self._limit.get_expiry(), cost)

    def _counts(self, buckets: tuple[str, ...]) -> list[Count]:
        return self._store.counts([self._key(bucket) for bucket in buckets])

    def _key(self, bucket: str) -> str:
        return (
            self._limit.key_for(self._name, bucket) if bucket else self._limit.key_for(self._name)
        )


def _whole_seconds(count: Count) -> int:
    """Return the time that is left, rounded up, and at least a second."""
    return max(1, floor(count.seconds_left) + 1)
