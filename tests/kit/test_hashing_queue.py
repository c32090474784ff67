"""How many threads hash passwords at once, and what becomes of the others."""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Event

import pytest

from userapi.kit.arrival import WAITED
from userapi.kit.errors import HashingBusy
from userapi.kit.metrics import QueueLoad
from userapi.kit.passwords import HashingCost, HashingQueue, PasswordHasher

CHEAP = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
AT_ONCE = timedelta(seconds=0.5)
LONG = timedelta(seconds=30)
SECONDS = 10.0


def queue_of(slots: int, waiting: int, timeout: timedelta = LONG) -> HashingQueue:
    return HashingQueue(slots=slots, waiting=waiting, timeout=timeout)


class Threads:
    """Threads that hold slots until they are told to leave."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.leave = Event()

    def hold(self, queue: HashingQueue) -> Future[None]:
        """Hold a slot, as soon as there is one, in a thread of its own."""
        has_begun, is_settled = Event(), Event()

        def run() -> None:
            has_begun.set()
            try:
                with queue.slot():
                    is_settled.set()
                    assert self.leave.wait(SECONDS)
            finally:
                is_settled.set()

        future = self._pool.submit(run)
        assert has_begun.wait(SECONDS)
        is_settled.wait(0.2)  # who waits for a slot is not settled
        return future


@pytest.fixture
def threads() -> Iterator[Threads]:
    with ThreadPoolExecutor(8) as pool:
        held = Threads(pool)
        yield held
        held.leave.set()


def test_who_finds_no_place_is_refused_at_once(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=2)
    for _ in range(3):
        threads.hold(queue)

    began = time.monotonic()
    with pytest.raises(HashingBusy), queue.slot():
        pass
    assert time.monotonic() - began < 1


def test_who_waits_gets_the_slot_that_gets_free(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=2)
    waiting = [threads.hold(queue) for _ in range(3)]
    threads.leave.set()

    assert [it.result(SECONDS) for it in waiting] == [None] * 3


def test_who_came_first_goes_on_first(threads: Threads) -> None:
    queue, order = queue_of(slots=1, waiting=5), []
    first = threads.hold(queue)

    def take(number: int) -> None:
        with queue.slot():
            order.append(number)

    with ThreadPoolExecutor(5) as others:
        for number in range(5):
            others.submit(take, number)
            while queue.load.waiting <= number:
                time.sleep(0.001)
        threads.leave.set()
    first.result(SECONDS)

    assert order == [0, 1, 2, 3, 4]


def test_nobody_waits_for_too_long(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=1, timeout=AT_ONCE)
    threads.hold(queue)

    began = time.monotonic()
    with pytest.raises(HashingBusy), queue.slot():
        pass
    assert 0.4 < time.monotonic() - began < 3


def test_it_is_told_how_long_somebody_waited(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=1, timeout=AT_ONCE)
    WAITED.set(1.0)
    with queue.slot():
        assert WAITED.get() < 1.1
    threads.hold(queue)
    with pytest.raises(HashingBusy), queue.slot():
        pass

    assert 1.4 < WAITED.get() < 4


def test_who_gave_up_leaves_the_place_to_others(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=1, timeout=AT_ONCE)
    threads.hold(queue)
    with pytest.raises(HashingBusy), queue.slot():
        pass
    threads.leave.set()

    with queue.slot():
        pass


def test_a_slot_is_given_back_whatever_happens() -> None:
    queue = queue_of(slots=1, waiting=0)
    with pytest.raises(ZeroDivisionError), queue.slot():
        raise ZeroDivisionError

    with queue.slot():
        pass


def test_a_slot_inside_a_slot_is_the_same(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=0)
    with queue.slot(), queue.slot():
        pass
    with queue.slot():
        future = threads.hold(queue)

    assert isinstance(future.exception(SECONDS), HashingBusy)


def test_hashing_takes_no_more_threads_than_it_may(threads: Threads) -> None:
    queue = queue_of(slots=2, waiting=1)
    futures = [threads.hold(queue) for _ in range(6)]
    threads.leave.set()

    outcomes = Counter(type(it.exception(SECONDS)) for it in futures)
    assert outcomes == {type(None): 3, HashingBusy: 3}


def test_a_hasher_hashes_and_verifies_in_a_slot(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=0)
    hasher = PasswordHasher(cost=CHEAP, queue=queue)
    stored = hasher.hash("a password")
    threads.hold(queue)

    with pytest.raises(HashingBusy):
        hasher.hash("a password")
    with pytest.raises(HashingBusy):
        hasher.verify("a password", stored)
    with pytest.raises(HashingBusy):
        hasher.verify("a password", None)


def test_a_hasher_may_take_its_slot_before(threads: Threads) -> None:
    queue = queue_of(slots=1, waiting=0)
    hasher = PasswordHasher(cost=CHEAP, queue=queue)
    with ExitStack() as stack:
        stack.enter_context(hasher.slot())
        assert isinstance(threads.hold(queue).exception(SECONDS), HashingBusy)

        assert hasher.verify("a password", hasher.hash("a password"))


def test_the_queue_tells_its_load(threads: Threads) -> None:
    queue = queue_of(1, 1)
    threads.hold(queue)
    threads.hold(queue)
    assert queue.load == QueueLoad(running=1, waiting=1, refused=0)

    with pytest.raises(HashingBusy), queue.slot():
        pass

    assert queue.load == QueueLoad(running=1, waiting=1, refused=1)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a priority is that of all threads")
def test_threads_that_hash_let_others_go_first() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    before = niceness()

    assert queue_of(slots=1, waiting=0).run(niceness) == min(before + 10, 19)
    assert niceness() == before
