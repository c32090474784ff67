import contextlib
import sqlite3
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from support.applications import engine_of
from support.databases import on_postgresql, on_sqlite
from userapi.db.engine import reading
from userapi.users.models import User

ADA = insert(User).values(
    email="ada@example.com", password_hash="!", first_name="Ada", last_name="Lovelace"
)
USERS = select(func.count()).select_from(User)


@pytest.fixture
def engine(own_app: Flask) -> Engine:
    return engine_of(own_app)


@pytest.fixture
def impatient(engine: Engine) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to the same file, which does not wait for a lock."""
    other = sqlite3.connect(str(engine.url.database), timeout=0, isolation_level=None)
    with contextlib.closing(other):
        yield other


def state_on_the_server(engine: Engine, connection: Connection) -> str:
    process = connection.scalar(select(func.pg_backend_pid()))
    query = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    with engine.connect() as other:
        return str(other.scalar(query, {"pid": process}))


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 15_000)],
)
def test_sqlite_is_set_up(engine: Engine, pragma: str, value: object) -> None:
    with reading(engine).connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


@on_sqlite
def test_a_transaction_takes_the_write_lock_before_its_first_statement(
    engine: Engine, impatient: sqlite3.Connection
) -> None:
    with engine.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        impatient.execute("BEGIN IMMEDIATE")


@on_sqlite
def test_a_transaction_lets_the_write_lock_go(
    engine: Engine, impatient: sqlite3.Connection
) -> None:
    with engine.begin() as connection:
        connection.execute(ADA)
    impatient.execute("BEGIN IMMEDIATE")

    assert impatient.in_transaction


@on_sqlite
def test_a_read_takes_no_lock(engine: Engine, impatient: sqlite3.Connection) -> None:
    with reading(engine).connect() as connection:
        connection.execute(USERS)
        impatient.execute("BEGIN IMMEDIATE")

    assert impatient.in_transaction


def test_reads_go_on_beside_a_writer(engine: Engine) -> None:
    with engine.begin() as writer, reading(engine).connect() as reader:
        writer.execute(ADA)

        assert reader.scalar(USERS) == 0


def test_a_read_sees_each_commit_of_others(engine: Engine) -> None:
    with reading(engine).connect() as reader:
        before = reader.scalar(USERS)
        with engine.begin() as writer:
            writer.execute(ADA)

        assert (before, reader.scalar(USERS)) == (0, 1)


@on_sqlite
def test_a_second_writer_waits_for_the_first(engine: Engine) -> None:
    started = Event()

    def count_in_a_transaction() -> int | None:
        started.set()
        with engine.begin() as connection:
            return connection.scalar(USERS)

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as first:
            second = pool.submit(count_in_a_transaction)
            assert started.wait(timeout=10)
            first.execute(ADA)

        assert second.result(timeout=20) == 1


@on_postgresql
def test_a_read_leaves_no_transaction_on_the_server(engine: Engine) -> None:
    with reading(engine).connect() as connection:
        connection.execute(USERS)

        assert state_on_the_server(engine, connection) == "idle"


@on_postgresql
def test_a_write_stays_in_its_transaction(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(ADA)

        assert state_on_the_server(engine, connection) == "idle in transaction"


def test_reads_use_the_same_pool(engine: Engine) -> None:
    assert reading(engine).pool is engine.pool


@on_postgresql
def test_an_error_tells_nothing_of_the_row(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(ADA)
        with pytest.raises(IntegrityError) as caught:
            connection.execute(ADA)

    told = "".join(traceback.format_exception(caught.value))
    assert "uq_users_email" in told
    assert "ada@example.com" not in told


@on_postgresql
def test_a_statement_may_be_planned_anew_each_time(engine: Engine) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE :it")
    sought = select(User.id).where(User.email == "ada@example.com")

    with reading(engine).connect() as connection:
        for _ in range(9):
            connection.execute(sought.execution_options(is_prepared=False))
        assert connection.scalar(prepared, {"it": "%users.email%"}) == 0
        for _ in range(9):
            connection.execute(sought)
        assert connection.scalar(prepared, {"it": "%users.email%"}) == 1
