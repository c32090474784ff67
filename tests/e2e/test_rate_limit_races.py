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

pytestmark = pytest.mark.race

PARALLEL = 60
LIMIT = 17
FAILURES = 40
VARIABLES = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_LOGIN": f"{LIMIT} per hour",
    "RATELIMIT_FAILED_LOGINS": "1000000 per hour",
    "TRUSTED_PROXIES": "1",
}


@pytest.fixture
def url(database_url: str, rate_limit_store: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Several server processes that count in one store."""
    variables = VARIABLES | rate_limit_store
    with live_server(database_url, tmp_path, workers=PROCESSES, **variables) as base_url:
        yield base_url


@pytest.fixture
def url_of_few_failures(
    database_url: str, rate_limit_store: dict[str, str], tmp_path: Path
) -> Iterator[str]:
    """The same, but logins may seldom fail, whoever tries them, and clients try as they like."""
    few = {
        "RATELIMIT_LOGIN": "1000000 per hour",
        "RATELIMIT_FAILED_LOGINS": f"{FAILURES} per hour",
    }
    variables = VARIABLES | few | rate_limit_store
    with live_server(database_url, tmp_path, workers=PROCESSES, **variables) as base_url:
        yield base_url


def test_each_client_is_let_in_exactly_as_often_as_allowed(url: str) -> None:
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


def test_every_process_knows_that_too_many_logins_have_failed(url_of_few_failures: str) -> None:
    with racing_client(url_of_few_failures, PARALLEL) as client:
        attempts = [
            partial(log_in_from, client, f"203.0.113.{number}", f"nobody{number}@example.com")
            for number in range(FAILURES + PARALLEL)
        ]

        allowed = race(attempts[:FAILURES])
        refused = race(attempts[FAILURES:])

    assert {answer.status_code for answer in allowed} == {401}
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {
        (429, "login-delayed")
    }


def log_in_from(client: httpx.Client, address: str, email: str) -> httpx.Response:
    return client.post(
        LOGIN,
        json={"email": email, "password": "wrong password"},
        headers={"X-Forwarded-For": address},
    )
