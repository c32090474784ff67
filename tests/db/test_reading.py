"""Reads outside a transaction, on connections that may have died."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    create_engine,
    delete,
    event,
    func,
    select,
    text,
)
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.sql.base import Executable

from support.applications import engine_of
from support.databases import on_postgresql
from userapi.db.engine import reading, transacting
from userapi.db.rows import AnySelect
from userapi.db.unit_of_work import read_in_autocommit
from userapi.users.models import User

USERS: AnySelect = select(func.count()).select_from(User)


@pytest.fixture
def engine(own_app: Flask) -> Engine:
    return reading(engine_of(own_app))


def by_a_stranger(engine: Engine, statement: Executable) -> None:
    """Send a statement on a connection of nobody's pool."""
    with reading(create_engine(engine.url, poolclass=NullPool)).connect() as connection:
        connection.execute(statement)


def end(process: int, engine: Engine) -> None:
    """Have the server end a connection, as it does when it stops; it is gone then."""
    by_a_stranger(engine, select(func.pg_terminate_backend(process, 5_000)))


def process_of(connection: Connection) -> int:
    """Return the id of the server's process of a connection."""
    return int(connection.execute(select(func.pg_backend_pid())).scalar_one())


@contextmanager
def ended_before_each(engine: Engine, statements: int) -> Iterator[list[str]]:
    """Have the connections of so many statements ended when they are sent; yield what was sent."""
    sent: list[str] = []

    def hook(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)
        if len(sent) <= statements:
            driver: Any = connection.connection.driver_connection
            end(driver.info.backend_pid, engine)

    event.listen(engine, "before_cursor_execute", hook)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", hook)


@on_postgresql
def test_a_read_whose_connection_dies_is_tried_once_more(engine: Engine) -> None:
    with ended_before_each(engine, 1) as sent:
        rows = read_in_autocommit(engine, USERS, {})

    assert [tuple(row) for row in rows] == [(0,)]
    assert len(sent) == 2


@on_postgresql
def test_it_is_not_tried_a_third_time(engine: Engine) -> None:
    with ended_before_each(engine, 2) as sent, pytest.raises(OperationalError):
        read_in_autocommit(engine, USERS, {})

    assert len(sent) == 2


@on_postgresql
def test_a_read_that_fails_otherwise_is_sent_once(engine: Engine) -> None:
    wrong: AnySelect = select(func.there_is_no_such_function())

    with ended_before_each(engine, 0) as sent, pytest.raises(ProgrammingError):
        read_in_autocommit(engine, wrong, {})

    assert len(sent) == 1


@on_postgresql
def test_a_connection_that_ended_while_it_was_idle_is_replaced_before_it_is_used(
    engine: Engine,
) -> None:
    with engine.connect() as connection:
        process = process_of(connection)
    end(process, engine)

    with transacting(engine).begin() as connection:
        assert process_of(connection) != process


@on_postgresql
def test_those_of_its_age_are_replaced_with_it(engine: Engine) -> None:
    with engine.connect() as first, engine.connect() as second:
        processes = {process_of(first), process_of(second)}
    end(max(processes), engine)
    end(min(processes), engine)

    with engine.connect() as first, engine.connect() as second:
        assert processes.isdisjoint({process_of(first), process_of(second)})


@on_postgresql
def test_a_notice_that_arrives_while_it_is_idle_ends_no_connection(engine: Engine) -> None:
    with engine.connect() as connection:
        process = process_of(connection)
        connection.execute(text("LISTEN news"))
    by_a_stranger(engine, text("NOTIFY news"))

    # It is one of the two that the pool has by now.
    with engine.connect() as first, engine.connect() as second:
        assert process in {process_of(first), process_of(second)}


@pytest.mark.parametrize(
    "statement", [select(User.id).with_for_update(), delete(User).returning(User.id)]
)
def test_a_lock_or_a_write_needs_a_transaction(engine: Engine, statement: Executable) -> None:
    with pytest.raises(RuntimeError, match="open transaction"):
        read_in_autocommit(engine, statement, {})
