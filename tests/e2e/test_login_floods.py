"""A flood of logins, hashed at their real cost, leaves the server alive for everybody else."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.paths import JWKS, LOGIN
from support.processes import client_of
from support.production import production_server

pytestmark = pytest.mark.system

FLOODING = 40
SECONDS = 4.0
PATIENCE = 0.5
"""How long a refused client waits before it tries again; it is told to wait for longer."""

NO_LIMIT = "1000000 per 5 minutes"
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


def flood(url: str, number: int, until: float) -> list[int]:
    """Try wrong passwords until then; return the statuses."""
    statuses: list[int] = []
    with client_of(url) as client:
        while time.monotonic() < until:
            email = f"nobody{number}-{len(statuses)}@example.com"
            login = {"email": email, "password": "a wrong one"}
            statuses.append(client.post(LOGIN, json=login).status_code)
            if statuses[-1] == 503:
                time.sleep(PATIENCE)
    return statuses


def read(url: str, until: float) -> list[tuple[int, float]]:
    """Read again and again until then; return each status, and how many seconds it took."""
    answers = []
    with client_of(url) as client:
        while time.monotonic() < until:
            began = time.monotonic()
            # Whether the service lives is answered by a thread that no login can have.
            status = client.get(JWKS).status_code
            answers.append((status, time.monotonic() - began))
            time.sleep(0.02)
    return answers


def test_reads_are_answered_while_more_log_in_than_can_be_hashed(url: str) -> None:
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(FLOODING + 1) as threads:
        flooding = [threads.submit(flood, url, number, until) for number in range(FLOODING)]
        reads = threads.submit(read, url, until).result()
        statuses = Counter(status for it in flooding for status in it.result())

    seconds = sorted(taken for _, taken in reads)
    assert {status for status, _ in reads} == {200}
    assert seconds[len(seconds) // 2] < 0.25, seconds
    assert set(statuses) == {401, 503}, statuses
    assert len(reads) > 20
