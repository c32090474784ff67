"""A queue of passwords in which there is no place."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

from support.queues import held
from userapi.kit.passwords import HashingQueue


@contextlib.contextmanager
def busy_queue() -> Iterator[HashingQueue]:
    """Yield a queue whose only slot another thread holds until the block ends."""
    queue = HashingQueue(slots=1, waiting=0, timeout=timedelta(seconds=1))
    with held(queue):
        yield queue
