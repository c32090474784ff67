"""A PostgreSQL that freezes, is slow, turns read-only or cannot keep every name."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from support.accounts import PASSWORD, REGISTRATION, Headers
from support.databases import PostgresServer, migrate
from support.paths import LIVE, LOGIN, ME, READY, USERS
from support.postgres import postgres_server
from support.processes import (
    children_of,
    client_of,
    environment_for_testing,
    live_server,
    run_python,
    wait_until,
)
from support.races import log_in_over_http

pytestmark = pytest.mark.any_database

LIMIT = 6.0
"""Seconds within which every answer is there: five are promised, and the machine may be busy."""


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def served_url(server_url: str) -> Iterator[str]:
    with PostgresServer(server_url).empty() as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def client(served_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("failing")
    with (
        live_server(
            served_url,
            folder,
            workers=1,
            DATABASE_TIMEOUT_SECONDS="2",
            PASSWORD_HASHING_SLOTS="1",
        ) as url,
        client_of(url) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def headers(client: httpx.Client) -> Headers:
    person = {**REGISTRATION, "password": PASSWORD}
    client.post(USERS, json=person).raise_for_status()
    return log_in_over_http(client, person["email"])


def execute(url: str, statement: str) -> object:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    writes = "-c default_transaction_read_only=off"
    with psycopg.connect(address, autocommit=True, options=writes) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Stop every process of the server until the block ends."""
    backend = execute(url, "SELECT pg_backend_pid()")
    assert isinstance(backend, int)
    told = execute(url, "SELECT pg_read_file('postmaster.pid')")
    postmaster = int(str(told).split()[0])
    processes = [postmaster, *children_of(postmaster)]
    try:
        for process in processes:
            send(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            send(process, signal.SIGCONT)


def send(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # one that somebody has just left
        os.kill(process, number)


def refused(answer: httpx.Response) -> tuple[int, str, bool]:
    return answer.status_code, answer.json()["code"], "Retry-After" in answer.headers


UNAVAILABLE = (503, "store-unavailable", True)


def test_nobody_waits_long_for_a_server_that_has_stopped_answering(
    client: httpx.Client, headers: Headers, served_url: str
) -> None:
    with frozen(served_url):
        began = time.monotonic()
        answers = [client.get(ME, headers=headers), client.get(READY)]
        seconds = time.monotonic() - began
        alive = client.get(LIVE)

    assert [refused(answer) for answer in answers] == [UNAVAILABLE] * 2
    assert seconds < 2 * LIMIT
    assert alive.status_code == httpx.codes.OK
    wait_until(lambda: client.get(ME, headers=headers).status_code == httpx.codes.OK, LIMIT)


def test_who_waits_for_a_turn_to_hash_does_not_wait_for_the_server_as_long_again(
    client: httpx.Client, headers: Headers, served_url: str
) -> None:
    person = {"email": REGISTRATION["email"], "password": PASSWORD}
    log_in = partial(client.post, LOGIN, json=person)
    with frozen(served_url), ThreadPoolExecutor() as threads:
        began = time.monotonic()
        answers = [each.result() for each in [threads.submit(log_in) for _ in range(2)]]
        seconds = time.monotonic() - began

    assert [refused(answer) for answer in answers] == [UNAVAILABLE] * 2
    assert 2 < seconds < 3.8, "the second one began when the first had waited for 2 seconds"
    wait_until(lambda: log_in().status_code == httpx.codes.OK, LIMIT)


def test_a_statement_that_waits_for_a_lock_is_given_up(
    client: httpx.Client, headers: Headers, served_url: str
) -> None:
    address = make_url(served_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as other:
        other.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        answer = client.get(ME, headers=headers)
        seconds = time.monotonic() - began

    assert refused(answer) == UNAVAILABLE
    assert seconds < LIMIT
    assert client.get(ME, headers=headers).status_code == httpx.codes.OK


def test_a_server_that_only_reads_is_not_ready_and_answers_reads(
    client: httpx.Client, headers: Headers, served_url: str
) -> None:
    database = str(make_url(served_url).database)
    set_reading = f'ALTER DATABASE "{database}" SET default_transaction_read_only = '
    execute(served_url, f"{set_reading}on")
    execute(served_url, END_OTHERS)
    try:
        # What was seen a moment ago is told for two seconds.
        wait_until(lambda: client.get(READY).status_code != httpx.codes.OK)
        answers = [client.post("/api/v1/posts", headers=headers, json=POST), client.get(READY)]
        read = client.get(ME, headers=headers)
    finally:
        execute(served_url, f"{set_reading}off")

    assert [refused(answer) for answer in answers] == [UNAVAILABLE] * 2
    assert read.status_code == httpx.codes.OK
    # The connections that only read are dropped: nobody has to wait until they grow old.
    assert client.post("/api/v1/posts", headers=headers, json=POST).status_code == 503
    assert client.post("/api/v1/posts", headers=headers, json=POST).status_code == 201
    wait_until(lambda: client.get(READY).status_code == httpx.codes.OK)


POST = {"title": "Notes", "content": "..."}
END_OTHERS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize("command", [("serve",), ("db", "upgrade")])
def test_a_database_that_cannot_keep_every_name_is_refused(
    server_url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name = f"latin_{os.getpid()}"
    create = sql.SQL("CREATE DATABASE {} ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
        connection.execute(create.format(sql.Identifier(name)))
        try:
            url = f"{server_url.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
            ended = run_python(
                *("-m", "userapi", *command),
                folder=tmp_path,
                variables=environment_for_testing(url, tmp_path),
            )
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "Error: the database in DATABASE_URL has the encoding LATIN1, which cannot keep every name"
        "; make one with: createdb --template=template0 --encoding=UTF8 NAME"
    )
