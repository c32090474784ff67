"""PostgreSQL ends the service's connections under load: who reads notices nothing of it."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Headers, add_user
from support.databases import engine_on, on_postgresql
from support.paths import ME, USERS
from support.processes import client_of, live_server
from support.races import open_login_over_http
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.db.engine import reading
from userapi.kit.passwords import PasswordHasher

TIMES = 20
PAUSE = 0.15
EMAIL = "ada@example.com"
NO_LIMIT = "1000000 per 5 minutes"

END_ALL = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)

Ask = Callable[[httpx.Client, int], httpx.Response]


def keep_asking(url: str, headers: Headers, until: float, ask: Ask) -> list[int]:
    """Ask again and again until then; return the statuses."""
    statuses: list[int] = []
    with client_of(url, headers=headers) as client:
        while time.monotonic() < until:
            statuses.append(ask(client, len(statuses)).status_code)
    return statuses


def end_all(engine: Engine) -> int:
    """Have the server end all connections of others, so many times; return how many ended."""
    ended = 0
    for _ in range(TIMES):
        with reading(engine).connect() as connection:
            ended += connection.execute(END_ALL).scalar_one()
        time.sleep(PAUSE)
    return ended


@pytest.fixture
def url(database_url: str, tmp_path: Path, settings: Settings) -> Iterator[str]:
    """A process on a database with a user."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    with engine_on(database_url) as engine, Session(engine) as session:
        add_user(session, hashed, email=EMAIL)
    with live_server(
        database_url, tmp_path, RATELIMIT_CLIENT=NO_LIMIT, RATELIMIT_WRITES=NO_LIMIT
    ) as base_url:
        yield base_url


@pytest.mark.system
@on_postgresql
def test_reads_are_answered_and_writes_refused_for_a_moment(url: str, database_url: str) -> None:
    with client_of(url) as client:
        headers = open_login_over_http(client, EMAIL).access
        path = f"{USERS}/{client.get(ME, headers=headers).json()['id']}"
    until = time.monotonic() + TIMES * PAUSE + 1

    def change(client: httpx.Client, number: int) -> httpx.Response:
        return client.patch(path, json={"first_name": f"Ada {number}"})

    asked: list[Ask] = [
        lambda client, _: client.get(ME),
        lambda client, _: client.get(path),
        lambda client, _: client.get(USERS),
        change,
    ]
    with ThreadPoolExecutor(len(asked)) as threads, engine_on(database_url) as engine:
        answers = [threads.submit(keep_asking, url, headers, until, ask) for ask in asked]
        ended = end_all(engine)
        *reads, writes = [answer.result() for answer in answers]

    assert ended >= TIMES
    assert [set(statuses) for statuses in reads] == [{200}] * len(reads)
    assert set(writes) - {503} == {200}
    assert all(len(statuses) > TIMES for statuses in (*reads, writes))
