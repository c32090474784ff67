"""Limits that are counted in the memory of a process: in microseconds, and for that process alone.

They bound what a client or a user may do at all. For that a count need not be shared or outlive a
restart; it has to cost less than what it counts.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from threading import Lock

from limits import RateLimitItem, parse_many

from userapi.rate_limits.windows import Window

CAPACITY = 50_000
"""How many keys are counted at once in each window, which takes about 12 MB."""

_CLEARED_AT_ONCE = 10


class MemoryLimit:
    """A limit of one window or several, each of which begins with the first use of a key."""

    def __init__(
        self,
        *,
        name: str,
        limit: str,
        capacity: int = CAPACITY,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        first, *others = parse_many(limit)
        names = [(name, first), *((f"{name}-{item.get_expiry()}", item) for item in others)]
        self._windows = [_Windows(name, item, capacity) for name, item in names]
        self._timer = timer
        self._lock = Lock()

    def use(self, key: str, cost: int = 1) -> list[Window]:
        """Count a use of `key` and return its windows.

        Where one of them has less left than the use costs, that one refuses it, and none counts it.
        """
        now = self._timer()
        with self._lock:
            counts = [windows.current(key, now) for windows in self._windows]
            refusals = [
                count.used + cost > windows.quota
                for windows, count in zip(self._windows, counts, strict=True)
            ]
            if not any(refusals):
                for count in counts:
                    count.used += cost
            return [
                windows.window_of(count, now, is_refused=is_refused)
                for windows, count, is_refused in zip(self._windows, counts, refusals, strict=True)
            ]

    def __len__(self) -> int:
        """Return how many windows are kept."""
        return sum(len(windows.counts) for windows in self._windows)


class _Count:
    """How much of one window is used; `ends_at` is a time of the timer."""

    __slots__ = ("ends_at", "used")

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.used = 0


class _Windows:
    """The windows of one length, one for each key, in the order in which they end."""

    def __init__(self, name: str, item: RateLimitItem, capacity: int) -> None:
        self.name = name
        self.quota = item.amount
        self.seconds = item.get_expiry()
        self.counts: OrderedDict[str, _Count] = OrderedDict()
        self._capacity = capacity

    def current(self, key: str, now: float) -> _Count:
        """Return the key's window, a new one if it has none any more."""
        count = self.counts.get(key)
        if count is None or count.ends_at <= now:
            self.counts.pop(key, None)
            self._make_room(now)
            self.counts[key] = count = _Count(now + self.seconds)
        return count

    def window_of(self, count: _Count, now: float, *, is_refused: bool) -> Window:
        """Return the window with what is left in it."""
        return Window(
            name=self.name,
            quota=self.quota,
            seconds=self.seconds,
            remaining=self.quota - count.used,
            # A sum of times is not exact: it could be a little more than the whole window.
            seconds_left=min(max(1, ceil(count.ends_at - now)), self.seconds),
            is_refused=is_refused,
        )

    def _make_room(self, now: float) -> None:
        """Take away what has ended; where all are running, the one that ends first."""
        for _ in range(_CLEARED_AT_ONCE):
            first = next(iter(self.counts.values()), None)
            if first is None or (first.ends_at > now and len(self.counts) < self._capacity):
                return
            self.counts.popitem(last=False)
