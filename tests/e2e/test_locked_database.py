"""A real server while a stranger keeps the database's write lock."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from support.accounts import PASSWORD, REGISTRATION
from support.databases import on_sqlite
from support.paths import LIVE, LOGIN, ME, USERS
from support.processes import client_of, live_server
from support.races import log_in_over_http

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
