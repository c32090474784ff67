"""Many requests of one client at once, sent to real processes: the limit is never overrun.

`make test` runs a few rounds of each, `make races` the full counts.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, add_user
from support.databases import engine_on
from support.paths import LOGIN
from support.processes import live_server
from support.races import PROCESSES, ROUNDS, race, racing_client
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher

pytestmark = pytest.mark.race

PARALLEL = 60
LIMIT = 17
FAILURES = 40
THREADS = 8
"""How many requests each process has under way, as `live_server` starts it."""
VARIABLES = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_LOGIN": f"{LIMIT} per hour",
    "RATELIMIT_FAILED_LOGINS": "1000000 per hour",
    "RATELIMIT_FAILED_LOGINS_BY_NETWORK": "1000000 per hour",
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


@pytest.fixture
def url_of_small_networks(
    database_url: str, rate_limit_store: dict[str, str], tmp_path: Path
) -> Iterator[str]:
    """The same, but logins may seldom fail from one network."""
    few = {
        "RATELIMIT_LOGIN": "1000000 per hour",
        "RATELIMIT_FAILED_LOGINS_BY_NETWORK": f"{FAILURES} per hour",
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


@pytest.fixture
def email(database_url: str, settings: Settings) -> str:
    """The address of an account."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    with engine_on(database_url) as engine, Session(engine) as session:
        return add_user(session, hashed, email="ada@example.com").email


def test_every_process_knows_that_too_many_logins_have_failed(
    url_of_few_failures: str, email: str
) -> None:
    with racing_client(url_of_few_failures, PARALLEL) as client:
        attempts = [
            partial(log_in_from, client, f"203.0.113.{number}", f"nobody{number}@example.com")
            for number in range(FAILURES + PARALLEL)
        ]

        allowed = race(attempts[:FAILURES])
        refused = race(attempts[FAILURES:])
        elsewhere = [f"192.0.{number}.7" for number in range(8)]
        right = race([partial(log_in_from, client, it, email, PASSWORD) for it in elsewhere])

    assert {answer.status_code for answer in allowed} == {401}
    assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {
        (429, "login-delayed")
    }
    assert {answer.status_code for answer in right} == {200}


def test_no_more_logins_fail_from_a_network_than_may_and_are_under_way(
    url_of_small_networks: str,
) -> None:
    with racing_client(url_of_small_networks, PARALLEL) as client:
        people = [f"nobody{number}@example.com" for number in range(2 * PARALLEL)]
        hosts = [f"2001:db8:1:{number:x}00::7" for number in range(2 * PARALLEL)]
        attempts = [
            partial(log_in_from, client, host, person)
            for host, person in zip(hosts, people, strict=True)
        ]

        first = race(attempts[:PARALLEL])
        second = race(attempts[PARALLEL:])

    failed = [answer for answer in first if answer.status_code == 401]
    assert FAILURES <= len(failed) < FAILURES + PROCESSES * THREADS
    assert {answer.json()["code"] for answer in second} == {"login-delayed"}


def log_in_from(
    client: httpx.Client, address: str, email: str, password: str = "wrong password"
) -> httpx.Response:
    return client.post(
        LOGIN,
        json={"email": email, "password": password},
        headers={"X-Forwarded-For": address},
    )
