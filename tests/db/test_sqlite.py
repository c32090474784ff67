"""Those who would write to an SQLite file have their turns, and wait no longer than they may."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from support.applications import engine_of
from support.databases import on_sqlite
from userapi.db import waiting

pytestmark = on_sqlite

WRITERS = 8
HELD_SECONDS, FREE_SECONDS = 0.03, 0.004


@pytest.fixture
def engine(own_app: Flask) -> Engine:
    return engine_of(own_app)


@pytest.fixture
def stranger(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to the same file, used by any thread."""
    file = str(engine.url.database)
    with closing(
        sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
    ) as other:
        yield other


def begin_within(engine: Engine, seconds: float) -> float:
    """Begin and end as a request that may wait for so long; return how long that took."""
    began = time.monotonic()
    waiting.begin(seconds)
    try:
        with engine.begin():
            return time.monotonic() - began
    finally:
        waiting.begin(None)


def test_a_stranger_is_waited_for_no_longer_than_the_request_may_wait(
    engine: Engine, stranger: sqlite3.Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(OperationalError, match="database is locked"):
        begin_within(engine, 0.2)

    assert 0.2 <= time.monotonic() - began < 5


def test_what_one_transaction_has_waited_for_is_taken_from_the_next(
    engine: Engine, stranger: sqlite3.Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    waiting.begin(0.3)
    for _ in range(2):
        with pytest.raises(OperationalError), engine.begin():
            pass
    left = waiting.seconds_left(None)
    waiting.begin(None)

    assert left == pytest.approx(0.01)


def test_another_thread_is_waited_for_no_longer(engine: Engine) -> None:
    with engine.begin(), ThreadPoolExecutor(1) as pool:
        waits = pool.submit(begin_within, engine, 0.2)
        with pytest.raises(OperationalError, match="database is locked"):
            waits.result(10)


def test_who_gives_up_leaves_the_turn_to_others(
    engine: Engine, stranger: sqlite3.Connection
) -> None:
    stranger.execute("BEGIN IMMEDIATE")
    with engine.connect() as kept, ThreadPoolExecutor(1) as pool:
        waiting.begin(0.1)
        with pytest.raises(OperationalError):
            kept.execute(text("DELETE FROM rate_limits"))
        waiting.begin(None)
        stranger.execute("ROLLBACK")

        assert pool.submit(begin_within, engine, 5).result(10) < 2


def test_who_has_committed_leaves_the_turn_to_others(engine: Engine) -> None:
    with engine.connect() as kept, ThreadPoolExecutor(1) as pool:
        kept.execute(text("DELETE FROM rate_limits"))
        kept.commit()

        assert pool.submit(begin_within, engine, 5).result(10) < 2


def test_many_have_their_turns_beside_a_busy_stranger(
    engine: Engine, stranger: sqlite3.Connection
) -> None:
    over = threading.Event()

    def be_busy() -> None:
        while not over.is_set():
            stranger.execute("BEGIN IMMEDIATE")
            time.sleep(HELD_SECONDS)
            stranger.execute("ROLLBACK")
            time.sleep(FREE_SECONDS)

    busy = threading.Thread(target=be_busy)
    busy.start()
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            waited = list(pool.map(lambda _: begin_within(engine, 10), range(5 * WRITERS)))
    finally:
        over.set()
        busy.join()

    assert len(waited) == 5 * WRITERS
