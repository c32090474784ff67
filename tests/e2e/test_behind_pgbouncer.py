"""The service on a real PgBouncer in transaction mode, whose connections it shares with others."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.accounts import REGISTRATION
from support.databases import on_postgresql
from support.paths import LOGIN, ME, REFRESH, USERS
from support.pgbouncer import pgbouncer_before
from support.processes import client_of, live_server

pytestmark = pytest.mark.system

CLIENTS = 8
ROUNDS = 20
NO_LIMIT = "1000000 per 5 minutes"


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """A process that asks through two connections which it never has for itself."""
    with (
        tempfile.TemporaryDirectory(prefix="userapi-pgbouncer-") as folder,
        pgbouncer_before(database_url, Path(folder), connections=2) as pooled_url,
        live_server(
            pooled_url,
            tmp_path,
            RATELIMIT_CLIENT=NO_LIMIT,
            RATELIMIT_LOGIN=NO_LIMIT,
            RATELIMIT_REGISTER=NO_LIMIT,
            RATELIMIT_REFRESH=NO_LIMIT,
            RATELIMIT_WRITES=NO_LIMIT,
        ) as base_url,
    ):
        yield base_url


def life(url: str, number: int) -> set[int]:
    """Register, log in, read, change and refresh many times; return the statuses."""
    person = {**REGISTRATION, "email": f"ada{number}@example.com"}
    credentials = {name: person[name] for name in ("email", "password")}
    with client_of(url) as client:
        statuses = {client.post(USERS, json=person).status_code}
        tokens = client.post(LOGIN, json=credentials).json()
        for round_number in range(ROUNDS):
            client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            read = client.get(ME)
            path = f"{USERS}/{read.json()['id']}"
            changed = client.patch(path, json={"first_name": f"Ada {round_number}"})
            client.headers["Authorization"] = f"Bearer {tokens['refresh_token']}"
            refreshed = client.post(REFRESH)
            tokens = refreshed.json()
            statuses |= {it.status_code for it in (read, changed, refreshed)}
    return statuses


@on_postgresql
def test_more_clients_than_connections_are_served(url: str) -> None:
    with ThreadPoolExecutor(CLIENTS) as threads:
        statuses = list(threads.map(lambda number: life(url, number), range(CLIENTS)))

    assert statuses == [{200, 201}] * CLIENTS
