from datetime import timedelta

import pytest

from support.rows import NOON
from userapi.throttling.errors import LoginDelayed, LoginLocked
from userapi.throttling.lockout import Lockout

DEFAULT = Lockout()


def delay_after(failures: int, lockout: Lockout = DEFAULT) -> int:
    """Return the delay in seconds."""
    blocked_until = lockout.blocked_until(failures, NOON)
    return 0 if blocked_until is None else int((blocked_until - NOON).total_seconds())


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (1, 0),
        (9, 0),
        (10, 30),
        (11, 60),
        (12, 120),
        (13, 240),
        (14, 480),
        (15, 960),
        (16, 1920),
        (17, 3600),
        (18, 3600),
        (49, 3600),
        (10_000, 3600),
    ],
)
def test_delays_double_from_half_a_minute_to_an_hour(failures: int, seconds: int) -> None:
    assert delay_after(failures) == seconds


@pytest.mark.parametrize("free", [1, 20])
def test_the_delays_begin_after_the_free_failures(free: int) -> None:
    lockout = Lockout(free_failures=free)

    assert (delay_after(free - 1, lockout), delay_after(free, lockout)) == (0, 30)


def test_the_list_of_delays_ends_with_the_longest() -> None:
    delays = list(DEFAULT.delays())

    assert delays[0] == (10, timedelta(seconds=30))
    assert delays[-1] == (17, timedelta(hours=1))
    assert [number for number, _ in delays] == list(range(10, 18))


@pytest.mark.parametrize(("failures", "stops"), [(49, False), (50, True), (51, True)])
def test_so_many_failures_lock_sign_in(failures: int, *, stops: bool) -> None:
    assert DEFAULT.is_locked_at(failures) is stops


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (timedelta(seconds=30), 30),
        (timedelta(seconds=29, milliseconds=1), 30),
        (timedelta(milliseconds=1), 1),
        (timedelta(0), 1),
        (timedelta(seconds=-3), 1),
    ],
)
def test_a_delay_is_told_in_whole_seconds_that_suffice(wait: timedelta, seconds: int) -> None:
    refusal = DEFAULT.refusal(10, NOON + wait, NOON)

    assert isinstance(refusal, LoginDelayed)
    assert refusal.retry_after == seconds


def test_a_lockout_is_told_as_such_whatever_the_delay() -> None:
    refusal = DEFAULT.refusal(50, NOON + timedelta(seconds=5), NOON)

    assert isinstance(refusal, LoginLocked)
    assert refusal.retry_after == 3600
