"""Queues in which there is no place."""

import contextlib
from collections.abc import Iterator
from threading import Event, Thread

from userapi.kit.passwords import BoundedQueue


@contextlib.contextmanager
def held(queue: BoundedQueue) -> Iterator[None]:
    """Have another thread hold a slot of the queue until the block ends."""
    is_held, may_end = Event(), Event()

    def hold() -> None:
        with queue.slot():
            is_held.set()
            may_end.wait()

    holder = Thread(target=hold)
    holder.start()
    is_held.wait()
    try:
        yield
    finally:
        may_end.set()
        holder.join()
