"""Attempts of all clients together, counted in either store."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from support.applications import engine_of, settings_of
from support.redis import redis_server
from userapi.config.settings import Settings
from userapi.rate_limits.attempts import AttemptLimit
from userapi.rate_limits.feature import build_store
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.settings import RateLimitSettings
from userapi.throttling.feature import build_limits

LIMIT = 3


def limited(settings: Settings, **changes: object) -> Settings:
    limits: dict[str, object] = {"enabled": True, "failed_logins": f"{LIMIT} per minute", **changes}
    return settings.replace(RateLimitSettings, **limits)


def attempts_with(settings: Settings) -> Iterator[AttemptLimit]:
    store = build_store(settings)
    limits = build_limits(settings, store)
    assert limits is not None
    yield limits.overall
    store.dispose()


@pytest.fixture
def attempts(own_app: Flask) -> Iterator[AttemptLimit]:
    """Attempts that are counted in the database."""
    yield from attempts_with(limited(settings_of(own_app)))


@pytest.fixture
def attempts_in_redis(own_app: Flask) -> Iterator[AttemptLimit]:
    """Attempts that are counted in Redis."""
    with redis_server() as url:
        yield from attempts_with(limited(settings_of(own_app), storage_uri=url))


def test_attempts_are_free_until_the_limit(attempts: AttemptLimit) -> None:
    for _ in range(LIMIT - 1):
        attempts.count()

    assert attempts.seconds_until_free() == 0


def test_at_the_limit_the_time_is_told(attempts: AttemptLimit) -> None:
    for _ in range(LIMIT):
        attempts.count()

    assert 55 <= attempts.seconds_until_free() <= 61


def test_after_that_time_attempts_are_free_again(attempts: AttemptLimit, own_app: Flask) -> None:
    for _ in range(LIMIT + 2):
        attempts.count()
    seconds = attempts.seconds_until_free()
    with engine_of(own_app).begin() as connection:
        expires_at = RateLimitCount.expires_at - seconds
        connection.execute(update(RateLimitCount).values(expires_at=expires_at))

    assert attempts.seconds_until_free() == 0


def test_redis_counts_alike(attempts_in_redis: AttemptLimit) -> None:
    free = []
    for _ in range(LIMIT):
        free.append(attempts_in_redis.seconds_until_free())
        attempts_in_redis.count()

    assert free == [0] * LIMIT
    assert 55 <= attempts_in_redis.seconds_until_free() <= 61


def test_each_bucket_counts_by_itself(attempts: AttemptLimit) -> None:
    for _ in range(LIMIT):
        attempts.count("2001:db8::/48")

    assert attempts.seconds_until_free("2001:db8::/48") > 0
    assert attempts.seconds_until_free("2001:db8::/56") == 0
    assert attempts.seconds_until_free() == 0


def test_of_several_buckets_the_fullest_decides(attempts: AttemptLimit) -> None:
    attempts.count("full", cost=LIMIT)

    assert attempts.seconds_until_free("other", "full") > 0
    assert attempts.seconds_until_free("other", "another") == 0
    assert not attempts.is_untouched("other", "full")


def test_an_attempt_may_cost_more_than_one(attempts: AttemptLimit) -> None:
    attempts.count("dear", cost=LIMIT)
    attempts.count("cheap")

    assert attempts.seconds_until_free("dear") > 0
    assert attempts.seconds_until_free("cheap") == 0


def test_a_bucket_is_untouched_until_something_is_counted(attempts: AttemptLimit) -> None:
    attempts.count("touched")

    touched = {it: not attempts.is_untouched(it) for it in ("touched", "other", "")}
    assert touched == {"touched": True, "other": False, "": False}


def test_redis_counts_buckets_and_costs_alike(attempts_in_redis: AttemptLimit) -> None:
    assert attempts_in_redis.is_untouched("dear")

    attempts_in_redis.count("dear", cost=LIMIT + 1)

    assert attempts_in_redis.seconds_until_free("dear") > 0
    assert attempts_in_redis.is_untouched("cheap")
    assert not attempts_in_redis.is_untouched("dear")


def test_without_limits_nothing_is_counted(own_app: Flask) -> None:
    settings = limited(settings_of(own_app), enabled=False)
    store = build_store(settings)

    assert build_limits(settings, store) is None

    store.dispose()
