"""When a job that failed is tried again."""

from datetime import timedelta

import pytest

from userapi.jobs.retries import MAX_ATTEMPTS, longest_wait_after, wait_after


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (34, 3600), (10_000, 3600)],
)
def test_each_wait_is_twice_as_long_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert longest_wait_after(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize("attempts", [1, 5, 20])
def test_a_wait_is_up_to_a_fifth_shorter(attempts: int) -> None:
    longest = longest_wait_after(attempts)
    waits = [wait_after(attempts) for _ in range(300)]

    assert 0.8 * longest <= min(waits) < 0.85 * longest
    assert 0.95 * longest < max(waits) <= longest


def test_the_last_attempt_is_a_day_after_the_first() -> None:
    longest = sum(
        (longest_wait_after(attempts) for attempts in range(1, MAX_ATTEMPTS)), timedelta()
    )

    assert timedelta(days=1) < 0.9 * longest < longest < timedelta(hours=29)
