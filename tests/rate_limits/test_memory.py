"""Limits in the memory of a process: exact, and never more than so many counts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from userapi.rate_limits.memory import MemoryLimit
from userapi.rate_limits.windows import Window, limits_header, policies_header


@dataclass
class Timer:
    """A timer that a test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


def limit_of(timer: Timer, limit: str = "3 per minute", capacity: int = 100) -> MemoryLimit:
    return MemoryLimit(name="client", limit=limit, capacity=capacity, timer=timer)


def is_refused(windows: list[Window]) -> bool:
    return any(window.is_refused for window in windows)


def refusals(limit: MemoryLimit, key: str, times: int, cost: int = 1) -> list[bool]:
    return [is_refused(limit.use(key, cost)) for _ in range(times)]


def test_as_many_as_allowed_are_let_in(timer: Timer) -> None:
    assert refusals(limit_of(timer), "a", 5) == [False, False, False, True, True]


def test_keys_are_counted_apart(timer: Timer) -> None:
    limit = limit_of(timer)
    refusals(limit, "a", 3)

    assert refusals(limit, "b", 3) == [False, False, False]


def test_a_window_lasts_from_its_first_use(timer: Timer) -> None:
    limit = limit_of(timer)
    limit.use("a")
    timer.now += 59.5
    refusals(limit, "a", 2)

    assert refusals(limit, "a", 1) == [True]
    timer.now += 0.5
    assert refusals(limit, "a", 4) == [False, False, False, True]


def test_a_window_tells_what_is_left_and_for_how_long(timer: Timer) -> None:
    limit = limit_of(timer)
    limit.use("a")
    timer.now += 20.5
    windows = limit.use("a")

    assert limits_header(windows) == '"client";r=1;t=40'
    assert policies_header(windows) == '"client";q=3;w=60'


def test_no_window_is_told_to_last_longer_than_it_does(timer: Timer) -> None:
    timer.now = 212.71428571428572  # which, and 300 more, is not exactly 300 more

    (window,) = limit_of(timer, "3 per 5 minutes").use("a")

    assert window.seconds_left == 300


def test_what_costs_more_than_is_left_is_refused_and_not_counted(timer: Timer) -> None:
    limit = limit_of(timer)
    limit.use("a", 2)

    assert is_refused(limit.use("a", 2))
    assert refusals(limit, "a", 2) == [False, True]


def test_what_costs_more_than_there_ever_is_is_refused_and_not_counted(timer: Timer) -> None:
    limit = limit_of(timer)

    assert is_refused(limit.use("a", 4))
    assert not is_refused(limit.use("a", 3))


def test_several_windows_hold_together(timer: Timer) -> None:
    limit = limit_of(timer, "2 per second; 3 per minute")
    allowed = 0
    for _ in range(10):
        allowed += refusals(limit, "a", 5).count(False)
        timer.now += 1

    assert allowed == 3


def test_each_of_several_windows_has_a_name(timer: Timer) -> None:
    windows = limit_of(timer, "2 per second; 3 per minute").use("a")

    assert policies_header(windows) == '"client";q=2;w=1, "client-60";q=3;w=60'


def test_what_one_window_refuses_no_other_one_counts(timer: Timer) -> None:
    limit = limit_of(timer, "1 per second; 3 per minute")
    refusals(limit, "a", 5)
    timer.now += 1

    assert limits_header(limit.use("a")) == '"client";r=0;t=1, "client-60";r=1;t=59'


def test_there_are_never_more_counts_than_there_is_room_for(timer: Timer) -> None:
    limit = limit_of(timer, capacity=100)
    for number in range(1000):
        limit.use(f"2001:db8:{number:x}::/64")

    assert len(limit) == 100


def test_what_has_ended_goes_before_what_is_running(timer: Timer) -> None:
    limit = limit_of(timer, capacity=100)
    for number in range(99):
        limit.use(f"old {number}")
    timer.now += 59
    refusals(limit, "running", 3)
    timer.now += 1
    for number in range(99):
        limit.use(f"new {number}")

    assert is_refused(limit.use("running"))
    assert len(limit) == 100


def test_what_has_ended_goes_though_there_is_room(timer: Timer) -> None:
    limit = limit_of(timer, capacity=100)
    for number in range(50):
        limit.use(f"old {number}")
    timer.now += 60
    for number in range(5):
        limit.use(f"new {number}")

    assert len(limit) == 5


def test_what_begins_anew_keeps_nothing_that_has_ended(timer: Timer) -> None:
    limit = limit_of(timer, capacity=100)
    for number in range(30):
        limit.use(f"old {number}")
    timer.now += 60
    for key in ("old 15", "new 1", "new 2"):
        limit.use(key)

    assert len(limit) == 3


def test_threads_at_once_overrun_nothing() -> None:
    limit = MemoryLimit(name="client", limit="100 per hour")
    with ThreadPoolExecutor(8) as threads:
        refused = list(threads.map(lambda _: is_refused(limit.use("a")), range(400)))

    assert refused.count(False) == 100
