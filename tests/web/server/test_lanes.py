"""Threads that work for networks in turns."""

import logging
import threading
from functools import partial

import pytest

from userapi.web.server.lanes import Lane

LOGGER = logging.getLogger("gunicorn.error")


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
