"""Work that only so many threads of a process may do at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, local

from userapi.kit.errors import DomainError


class BoundedQueue:
    """Lets so many threads work at once; so many others wait, none for too long.

    Who finds no place is refused at once, by the `refusal`. A flood then takes `slots + waiting`
    threads at most, and the others go on with all else.
    """

    def __init__(
        self, *, slots: int, waiting: int, timeout: timedelta, refusal: type[DomainError]
    ) -> None:
        self._places = BoundedSemaphore(slots + waiting)
        self._slots = BoundedSemaphore(slots)
        self._timeout = timeout.total_seconds()
        self._refusal = refusal
        self._thread = local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot during the block; a block inside one is in the same slot.

        Raises the refusal where there is no place to wait, or none gets free in time.
        """
        if getattr(self._thread, "has_slot", False):
            yield
            return
        self._enter()
        self._thread.has_slot = True
        try:
            yield
        finally:
            self._thread.has_slot = False
            self._slots.release()
            self._places.release()

    def _enter(self) -> None:
        if not self._places.acquire(blocking=False):
            raise self._refusal
        if not self._slots.acquire(timeout=self._timeout):
            self._places.release()
            raise self._refusal
