"""Rate limits counted in Redis, without waiting for one that has stopped answering.

A Redis that is not there refuses at once. One that hangs lets everybody wait who counts there, and
a few logins in a second would take every thread: so after one wait nobody asks it for a while, and
then one thread does.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from limits.errors import StorageError
from limits.storage import RedisStorage

SCHEME_PREFIX = "userapi+"
"""What stands before the URI of a Redis that is asked in this way."""


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


class GuardedRedisStorage(RedisStorage):
    """A Redis that fails at once while its `breaker` is open."""

    STORAGE_SCHEME = [f"{SCHEME_PREFIX}redis", f"{SCHEME_PREFIX}rediss"]  # noqa: RUF012 - the library's own way

    def __init__(self, uri: str, *, breaker: CircuitBreaker, **options: Any) -> None:
        super().__init__(uri.removeprefix(SCHEME_PREFIX), wrap_exceptions=True, **options)
        self._breaker = breaker
        # Taken from where the library has it: without a Redis its client is not loaded.
        self._no_answer: type[Exception] = self.dependency.TimeoutError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count hits, in a new window of `expiry` seconds if there is none; return the count."""
        with self._asking():
            return super().incr(key, expiry, amount)

    def get(self, key: str) -> int:
        """Return the count of the current window."""
        with self._asking():
            return super().get(key)

    def get_expiry(self, key: str) -> float:
        """Return when the current window ends, as a timestamp of this host's clock."""
        with self._asking():
            return super().get_expiry(key)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._breaker.allows_call():
            message = "it has not answered in time, and is not asked again for a while"
            raise self._no_answer(message)
        try:
            yield
        except StorageError as error:
            if isinstance(error.storage_error, self._no_answer):
                self._breaker.open()
            raise
        else:
            self._breaker.close()
