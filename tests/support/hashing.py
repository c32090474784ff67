"""A queue of passwords in which there is no place."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

from userapi.kit.passwords import HashingQueue


@contextlib.contextmanager
def busy_queue() -> Iterator[HashingQueue]:
    """Yield a queue whose only slot another thread holds until the block ends."""
    queue = HashingQueue(slots=1, waiting=0, timeout=timedelta(seconds=1))
    is_held, may_end = Event(), Event()

    def hold() -> None:
        with queue.slot():
            is_held.set()
            may_end.wait()

    holder = Thread(target=hold)
    holder.start()
    is_held.wait()
    try:
        yield queue
    finally:
        may_end.set()
        holder.join()
