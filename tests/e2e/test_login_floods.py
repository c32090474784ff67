"""A flood of logins, hashed at their real cost, leaves the server alive for everybody else."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import NamedTuple

import httpx
import pytest

from support.paths import JWKS, LOGIN
from support.processes import client_of
from support.production import production_server

pytestmark = pytest.mark.system

FLOODING = 40
SECONDS = 4.0
PATIENCE = 0.5
"""How long a refused client waits before it tries again; it is told to wait for longer."""

WAITING_FOR_EACH_SLOT = 16

NO_LIMIT = "1000000 per 5 minutes"


class Answer(NamedTuple):
    """An answer's status, and how many seconds it took."""

    status: int
    seconds: float


FREE = {
    "RATELIMIT_CLIENT": NO_LIMIT,
    "RATELIMIT_LOGIN": NO_LIMIT,
    "RATELIMIT_FAILED_LOGINS": NO_LIMIT,
    "RATELIMIT_FAILED_LOGINS_BY_NETWORK": NO_LIMIT,
    "WEB_THREADS": "4",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One process with four threads, in which no rate limit holds the flood back."""
    folder = tmp_path_factory.mktemp("flood")
    with production_server(folder, **FREE) as base_url:
        yield base_url


def flood(url: str, number: int, until: float) -> list[Answer]:
    """Try wrong passwords until then."""
    answers: list[Answer] = []
    with client_of(url) as client:
        while time.monotonic() < until:
            email = f"nobody{number}-{len(answers)}@example.com"
            login = {"email": email, "password": "a wrong one"}
            answers.append(timed(partial(client.post, LOGIN, json=login)))
            if answers[-1].status == 503:
                time.sleep(PATIENCE)
    return answers


def read(url: str, until: float) -> list[Answer]:
    """Read again and again until then."""
    answers = []
    with client_of(url) as client:
        while time.monotonic() < until:
            # Whether the service lives is answered by a thread that no login can have.
            answers.append(timed(lambda: client.get(JWKS)))
            time.sleep(0.02)
    return answers


def timed(ask: Callable[[], httpx.Response]) -> Answer:
    began = time.monotonic()
    status = ask().status_code
    return Answer(status, time.monotonic() - began)


def test_reads_are_answered_while_more_log_in_than_can_be_hashed(url: str) -> None:
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(FLOODING + 1) as threads:
        flooding = [threads.submit(flood, url, number, until) for number in range(FLOODING)]
        reads = threads.submit(read, url, until).result()
        logins = [answer for it in flooding for answer in it.result()]

    assert {answer.status for answer in reads} == {200}
    assert {answer.status for answer in logins} == {401, 503}
    refused = [answer.seconds for answer in logins if answer.status == 401]
    assert median(answer.seconds for answer in reads) < median(refused)


def test_as_many_as_may_wait_at_once_are_all_answered(url: str) -> None:
    def log_in(number: int) -> int:
        login = {"email": f"someone{number}@example.com", "password": "a wrong one"}
        with client_of(url) as client:
            return client.post(LOGIN, json=login).status_code

    with ThreadPoolExecutor(WAITING_FOR_EACH_SLOT) as threads:
        assert set(threads.map(log_in, range(WAITING_FOR_EACH_SLOT))) == {401}
