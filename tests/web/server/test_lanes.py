"""Threads that work for networks in turns."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from support.queues import held
from userapi.kit.arrival import STEP_ASIDE
from userapi.kit.errors import HashingBusy
from userapi.kit.passwords import BoundedQueue
from userapi.web.server.lanes import Lane

LOGGER = logging.getLogger("gunicorn.error")
SECONDS = 10.0


def stepping_aside(meanwhile: Callable[[], object], afterwards: Callable[[], object]) -> None:
    """Be a job that lets another one be done while it waits."""
    with STEP_ASIDE.get()():
        meanwhile()
    afterwards()


def test_networks_take_turns() -> None:
    lane, gate, done = Lane("test", 1, LOGGER), threading.Event(), threading.Event()
    order: list[str] = []
    lane.put("first", gate.wait)
    for name in ("a1", "a2", "a3"):
        lane.put("a", partial(order.append, name))
    lane.put("b", partial(order.append, "b1"))
    lane.put("z", done.set)

    assert (lane.waiting_for("a"), lane.waiting_for("b")) == (3, 1)
    gate.set()
    assert done.wait(5)
    last = threading.Event()
    lane.put("a", last.set)
    assert last.wait(5)
    assert order == ["a1", "b1", "a2", "a3"]
    assert lane.waiting == 0


def test_a_job_that_fails_is_logged_and_the_next_one_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lane, done = Lane("test", 1, LOGGER), threading.Event()

    def fail() -> None:
        raise RuntimeError

    lane.put("a", fail)
    lane.put("a", done.set)

    assert done.wait(5)
    assert "could not be answered" in caplog.text


def test_who_waits_in_a_queue_takes_no_thread() -> None:
    lane, done = Lane("test", 1, LOGGER), [threading.Event() for _ in range(4)]
    queue = BoundedQueue(
        slots=1, waiting=3, timeout=timedelta(seconds=SECONDS), refusal=HashingBusy
    )

    def hash_for(number: int) -> None:
        with queue.slot():
            done[number].set()

    with held(queue):
        for number in range(3):
            lane.put("a", partial(hash_for, number))
        lane.put("a", done[3].set)
        assert done[3].wait(SECONDS)
        assert [it.is_set() for it in done[:3]] == [False] * 3
    assert all(it.wait(SECONDS) for it in done)


def test_no_more_work_than_there_are_threads() -> None:
    lane, lock, working, most = Lane("test", 2, LOGGER), threading.Lock(), 0, 0
    left = threading.Semaphore(0)

    def change(by: int) -> None:
        nonlocal working, most
        with lock:
            working += by
            most = max(most, working)

    def work() -> None:
        change(1)
        time.sleep(0.001)
        change(-1)
        with STEP_ASIDE.get()():
            time.sleep(0.002)
        change(1)
        time.sleep(0.001)
        change(-1)
        left.release()

    for number in range(200):
        lane.put(str(number % 3), work)

    assert all(left.acquire(timeout=SECONDS) for _ in range(200))
    assert most == 2


def test_who_stepped_aside_goes_on_before_others_begin() -> None:
    lane, gate, may_return = Lane("test", 1, LOGGER), threading.Event(), threading.Event()
    has_begun, done = threading.Event(), threading.Event()
    order: list[str] = []

    def be_second() -> None:
        has_begun.set()
        gate.wait()

    lane.put("a", partial(stepping_aside, may_return.wait, partial(order.append, "first")))
    lane.put("a", be_second)
    lane.put("a", partial(order.append, "third"))
    assert has_begun.wait(SECONDS)
    lane.put("a", done.set)
    may_return.set()
    time.sleep(0.1)  # until it wants to go on
    gate.set()

    assert done.wait(SECONDS)
    assert order == ["first", "third"]


@pytest.mark.parametrize("kind", [RuntimeError, MemoryError])
def test_where_no_thread_can_be_begun_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: type[Exception]
) -> None:
    lane, gate, done = Lane("test", 1, LOGGER), threading.Event(), threading.Event()
    asked = threading.Event()

    def refuse(_: threading.Thread) -> None:
        asked.set()
        raise kind

    monkeypatch.setattr(threading.Thread, "start", refuse)
    lane.put("a", partial(stepping_aside, gate.wait, done.set))
    assert asked.wait(SECONDS)
    gate.set()

    assert done.wait(SECONDS)
    after = threading.Event()
    lane.put("a", after.set)
    assert after.wait(SECONDS)
    assert "No further thread could be begun" in caplog.text
