"""A real server while a stranger keeps the database's write lock."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from support.accounts import PASSWORD, REGISTRATION
from support.databases import on_sqlite
from support.paths import LIVE, LOGIN, ME, READY, USERS
from support.processes import client_of, live_server
from support.races import log_in_over_http
from userapi.health.service import KEPT_SECONDS

SECONDS = 2
THREADS = 2
WRONG = {"email": "nobody@example.com", "password": "a wrong password"}


@on_sqlite
def test_that_a_session_is_in_use_is_not_worth_waiting_for(
    database_url: str, tmp_path: Path
) -> None:
    file = str(make_url(database_url).database)
    person = {**REGISTRATION, "password": PASSWORD}
    with live_server(database_url, tmp_path) as url, client_of(url) as client:
        client.post(USERS, json=person).raise_for_status()
        headers = log_in_over_http(client, person["email"])
        with closing(sqlite3.connect(file, isolation_level=None)) as stranger:
            stranger.execute("UPDATE sessions SET last_used_at = '2020-01-01 00:00:00.000000'")
            stranger.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            answer = client.get(ME, headers=headers)
            seconds = time.monotonic() - began

    assert answer.status_code == 200
    assert seconds < SECONDS


@on_sqlite
def test_who_waits_for_a_thread_waits_no_longer(database_url: str, tmp_path: Path) -> None:
    def register(url: str) -> float:
        began = time.monotonic()
        with client_of(url) as client:
            assert client.post(USERS, json=REGISTRATION).status_code == 503
        return time.monotonic() - began

    with (
        live_server(
            database_url, tmp_path, WEB_THREADS=str(THREADS), DATABASE_TIMEOUT_SECONDS="2"
        ) as url,
        closing(sqlite3.connect(str(make_url(database_url).database))) as stranger,
        ThreadPoolExecutor(4 * THREADS) as clients,
    ):
        stranger.execute("BEGIN IMMEDIATE")
        seconds = list(clients.map(register, [url] * (4 * THREADS)))

    assert max(seconds) < 5  # four times two seconds, were they served one after the other


@on_sqlite
def test_the_process_still_tells_that_it_lives(database_url: str, tmp_path: Path) -> None:
    statuses: list[int] = []

    def fail_to_log_in(url: str) -> None:
        with client_of(url) as client:
            statuses.append(client.post(LOGIN, json=WRONG).status_code)

    with live_server(database_url, tmp_path, WEB_THREADS=str(THREADS)) as url:
        with closing(sqlite3.connect(str(make_url(database_url).database))) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            waiting = [
                threading.Thread(target=fail_to_log_in, args=(url,)) for _ in range(2 * THREADS)
            ]
            for thread in waiting:
                thread.start()
            end = time.monotonic() + SECONDS
            with client_of(url) as client:
                while time.monotonic() < end:
                    assert client.get(LIVE).status_code == 200
                    time.sleep(0.1)
            assert statuses == []
        for thread in waiting:
            thread.join()

    assert statuses == [401] * (2 * THREADS)


@contextlib.contextmanager
def writers_kept_waiting(url: str) -> Iterator[None]:
    """Keep whoever writes users waiting until the block ends; who reads them is not."""
    address = make_url(url)
    if address.drivername == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            yield
        return
    told = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(told) as other:
        other.execute("LOCK TABLE users IN SHARE MODE")
        yield


def test_the_service_is_ready_while_all_threads_wait_to_write(
    database_url: str, tmp_path: Path
) -> None:
    variables = {"WEB_THREADS": str(2 * THREADS), "DATABASE_POOL_SIZE": "1"}
    person = {**REGISTRATION, "password": PASSWORD}

    def register(url: str) -> None:
        with client_of(url) as client:
            client.post(USERS, json=person)

    with (
        live_server(database_url, tmp_path, workers=1, **variables) as url,
        ThreadPoolExecutor(4 * THREADS) as clients,
        client_of(url) as operator,
        writers_kept_waiting(database_url),
    ):
        writing = [clients.submit(register, url) for _ in range(4 * THREADS)]
        time.sleep(KEPT_SECONDS + 0.5)  # what was seen at the start counts no more
        began = time.monotonic()
        statuses = [operator.get(READY).status_code for _ in range(3)]
        seconds = time.monotonic() - began
        answered = [it.done() for it in writing]

    assert statuses == [200] * 3
    assert not any(answered)
    assert seconds < SECONDS
