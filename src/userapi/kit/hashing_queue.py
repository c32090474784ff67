"""How many passwords are worked on at once, and how many may wait for their turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore, local

from userapi.kit.errors import HashingBusy


class HashingQueue:
    """Lets so many threads of the process hash at once; so many others wait, none for too long.

    Who finds no place is refused at once. A flood of passwords then takes `slots + waiting`
    threads at most, and the others go on with all else.
    """

    def __init__(self, *, slots: int, waiting: int, timeout: timedelta) -> None:
        self._places = BoundedSemaphore(slots + waiting)
        self._slots = BoundedSemaphore(slots)
        self._timeout = timeout.total_seconds()
        self._thread = local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot during the block; a block inside one is in the same slot.

        Raises `HashingBusy` where there is no place to wait, or none gets free in time.
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
            raise HashingBusy
        if not self._slots.acquire(timeout=self._timeout):
            self._places.release()
            raise HashingBusy
