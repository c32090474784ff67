"""Many requests of one client at once, sent to real processes: the limit is never overrun.

`make test` runs a few rounds of each, `make races` the full counts.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from support.paths import LOGIN
from support.processes import live_server
from support.races import PROCESSES, ROUNDS, race, racing_client
from support.redis import redis_server

pytestmark = pytest.mark.race

PARALLEL = 60
LIMIT = 17
VARIABLES = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_LOGIN": f"{LIMIT} per hour",
    "RATELIMIT_FAILED_LOGINS": "1000000 per hour",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture
def limited_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Several server processes that count in their database."""
    with live_server(database_url, tmp_path, workers=PROCESSES, **VARIABLES) as url:
        yield url


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis of the test's own."""
    with redis_server() as url:
        yield url


@pytest.fixture
def url_limited_by_redis(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """Several server processes that count in one Redis."""
    variables = {**VARIABLES, "RATELIMIT_STORAGE_URI": redis_url}
    with live_server(database_url, tmp_path, workers=PROCESSES, **variables) as url:
        yield url


def test_the_database_lets_in_exactly_as_many_as_allowed(limited_url: str) -> None:
    assert_never_overrun(limited_url)


def test_redis_lets_in_exactly_as_many_as_allowed(url_limited_by_redis: str) -> None:
    assert_never_overrun(url_limited_by_redis)


def assert_never_overrun(url: str) -> None:
    """Race as one client after another; each is let in `LIMIT` times."""
    with racing_client(url, PARALLEL) as client:
        for number in range(ROUNDS):
            address = f"198.51.{number // 256}.{number % 256}"
            people = [f"nobody{number}-{it}@example.com" for it in range(PARALLEL)]
            answers = race([partial(log_in_from, client, address, it) for it in people])

            assert Counter(it.status_code for it in answers) == Counter(
                {401: LIMIT, 429: PARALLEL - LIMIT}
            )
            refused = [it for it in answers if it.status_code == httpx.codes.TOO_MANY_REQUESTS]
            assert {it.headers["RateLimit"].partition(";t=")[0] for it in refused} == {
                '"login";r=0'
            }


def log_in_from(client: httpx.Client, address: str, email: str) -> httpx.Response:
    return client.post(
        LOGIN,
        json={"email": email, "password": "wrong password"},
        headers={"X-Forwarded-For": address},
    )
