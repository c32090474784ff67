"""Rate limits counted in Redis, without waiting for one that has stopped answering.

A Redis that is not there refuses at once. One that hangs lets everybody wait who counts there, and
a few logins in a second would take every thread: so after one wait nobody asks it for a while, and
then one thread does.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from limits.errors import StorageError
from limits.storage import RedisStorage

from userapi.rate_limits.store import Count

_SECONDS = 2
_PAUSE = 2 * _SECONDS  # as long as connecting and an answer may take together
_PREFIX = "userapi:"
_HIT = """
local hits = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
end
return {hits, redis.call('PTTL', KEYS[1])}
"""
"""Counts, begins a window where none runs, and tells how many milliseconds of it are left."""


class CircuitBreaker:
    """Whether a store may be asked, for all threads of a process; open, it may not."""

    def __init__(self, *, pause: float, timer: Callable[[], float] = time.monotonic) -> None:
        self._pause = pause
        self._timer = timer
        self._lock = Lock()
        self._next_try: float | None = None  # None: closed

    def allows_call(self) -> bool:
        """Say whether the store may be asked: while open by one caller after each pause."""
        with self._lock:
            if self._next_try is None:
                return True
            if self._timer() < self._next_try:
                return False
            self._next_try = self._timer() + self._pause
            return True

    def open(self) -> None:
        """Let nobody ask: the store has not answered."""
        with self._lock:
            self._next_try = self._timer() + self._pause

    def close(self) -> None:
        """Let everybody ask: the store has answered."""
        self._next_try = None


class RedisStore:
    """Counts in the Redis at `uri`; implements `RateLimitStore`. Windows that end go by themselves.

    It fails at once while its `breaker` is open.
    """

    def __init__(self, uri: str, breaker: CircuitBreaker | None = None) -> None:
        timeouts: dict[str, Any] = {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS}
        # The library knows the forms of a URI, and loads the client that it names, and no other.
        storage = RedisStorage(uri, **timeouts)
        self._redis: Any = storage.get_connection()
        self._hit: Callable[..., tuple[int, int]] = self._redis.register_script(_HIT.encode())
        self._errors = storage.base_exceptions
        self._no_answer: type[Exception] = storage.dependency.TimeoutError
        self._breaker = breaker or CircuitBreaker(pause=_PAUSE)

    def hit(self, key: str, seconds: int, amount: int = 1) -> Count:
        """Count so many hits at once; where no window runs, one of so many seconds begins."""
        with self._asking():
            hits, milliseconds = self._hit([_PREFIX + key], [amount, seconds])
        return Count(hits, milliseconds / 1000)

    def counts(self, keys: Sequence[str]) -> list[Count]:
        """Return what was counted for each of these keys, in their order."""
        asked = self._redis.pipeline(transaction=False)
        for key in keys:
            asked.get(_PREFIX + key).pttl(_PREFIX + key)
        with self._asking():
            found = iter(asked.execute())
        return [
            Count(int(hits), milliseconds / 1000) if hits else Count()
            for hits, milliseconds in zip(found, found, strict=True)
        ]

    def facts(self) -> tuple[str, str]:
        """Return the server's version, and what it does when its memory is full."""
        with self._asking():
            found = self._redis.info()
        return str(found.get("redis_version", "")), str(found.get("maxmemory_policy", ""))

    def count_expired(self) -> int:
        """Return 0: Redis deletes what has ended."""
        return 0

    def delete_expired(self) -> int:
        """Return 0, as above."""
        return 0

    def dispose(self) -> None:
        """Close the connections."""
        self._redis.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._breaker.allows_call():
            message = "it has not answered in time, and is not asked again for a while"
            raise StorageError(self._no_answer(message))
        try:
            yield
        except self._no_answer as error:
            self._breaker.open()
            raise StorageError(error) from error
        except self._errors as error:
            self._breaker.close()
            raise StorageError(error) from error
        else:
            self._breaker.close()
