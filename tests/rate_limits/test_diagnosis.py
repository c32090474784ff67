"""Where rate limits are counted, as `userapi doctor` and the start find it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from support.applications import application, settings_for_testing
from support.doctor import found
from support.redis import redis_server
from userapi.rate_limits.errors import StoreSilent
from userapi.rate_limits.feature import ensure_store_answers

pytestmark = pytest.mark.any_database

ON = {"RATELIMIT_ENABLED": "true"}


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


def lines(folder: Path, **variables: str) -> list[str]:
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        return found(app, "rate-limits")


def test_limits_that_are_off_are_warned_of(tmp_path: Path) -> None:
    assert lines(tmp_path) == [
        "warning | nothing limits guessing passwords | set RATELIMIT_ENABLED=true"
    ]


def test_the_database_counts(tmp_path: Path) -> None:
    assert lines(tmp_path, **ON) == ["ok | counted in the database"]


def test_a_redis_is_told(tmp_path: Path, redis_url: str) -> None:
    (line,) = lines(tmp_path, **ON, RATELIMIT_STORAGE_URI=redis_url)

    assert line.startswith("ok | counted in Redis ")


def test_a_redis_that_forgets_is_warned_of(tmp_path: Path, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        found_lines = lines(tmp_path, **ON, RATELIMIT_STORAGE_URI=redis_url)
        client.config_set("maxmemory-policy", "noeviction")

    assert found_lines[1] == (
        "warning | Redis forgets counts when its memory is full (maxmemory-policy allkeys-lru) | "
        "set maxmemory-policy noeviction there, or use a Redis of its own"
    )


def test_a_redis_out_of_reach_is_told(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, **ON, RATELIMIT_STORAGE_URI="redis://:hunter22@127.0.0.1:1/0")

    assert line.startswith("failed | rate limits cannot be counted: ")
    assert "refused" in line
    assert line.endswith(
        " | check host, port and password in RATELIMIT_STORAGE_URI, and that Redis runs"
    )
    assert "hunter22" not in line


def test_a_start_is_refused_without_the_redis_that_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.sqlite3"
    nowhere = {"RATELIMIT_STORAGE_URI": "redis://127.0.0.1:1/0"}
    for is_on, expected in (("true", pytest.raises(StoreSilent)), ("false", None)):
        settings = settings_for_testing(url, tmp_path, RATELIMIT_ENABLED=is_on, **nowhere)
        with application(settings) as app, app.app_context():
            if expected is None:
                ensure_store_answers()
                continue
            with expected:
                ensure_store_answers()


def test_a_start_goes_on_with_the_redis_that_answers(tmp_path: Path, redis_url: str) -> None:
    settings = settings_for_testing(
        f"sqlite:///{tmp_path}/none.sqlite3", tmp_path, **ON, RATELIMIT_STORAGE_URI=redis_url
    )
    with application(settings) as app, app.app_context():
        ensure_store_answers()
