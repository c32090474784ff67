"""What is read often is asked of PostgreSQL's driver, with the same rows and the same errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import (
    Double,
    Engine,
    Numeric,
    String,
    Uuid,
    bindparam,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError, ProgrammingError, StatementError

from support.applications import engine_of
from support.databases import on_postgresql
from support.rows import NOON
from userapi.db.driver_reads import DriverRead
from userapi.db.engine import reading
from userapi.db.rows import AnySelect
from userapi.db.session import ScopedSession
from userapi.users.models import User

pytestmark = on_postgresql
OFTEN = 6


@pytest.fixture
def session(own_app: Flask) -> Iterator[ScopedSession]:
    """The session of an application with one user, whose engine is its own."""
    with own_app.app_context():
        with engine_of(own_app).begin() as connection:
            names = {"first_name": "Ada", "last_name": "Lovelace", "password_hash": "!"}
            connection.execute(
                insert(User), [{"email": "ada@example.com", "created_at": NOON, **names}]
            )
        yield own_app.extensions["sqlalchemy"].session


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield what the driver was asked for."""
    asked: list[str] = []
    ask = DriverRead.rows

    def rows(self: DriverRead, *arguments: Any) -> Any:
        asked.append(self._sql)
        return ask(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(DriverRead, "rows", rows)
        yield asked


def by_email() -> AnySelect:
    columns = (User.id, User.email.label("count"), User.is_active, User.created_at, User.language)
    return select(*columns).where(func.lower(User.email) == bindparam("email"))


def test_the_rows_are_the_same(session: ScopedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    statement, ada = by_email(), {"email": "ada@example.com"}
    with watched(monkeypatch) as asked:
        first, *others = [session.read(statement, ada) for _ in range(OFTEN)]

    assert asked
    for rows in others:
        assert rows == first
        assert rows[0]._fields == first[0]._fields
        assert rows[0]._asdict() == first[0]._asdict()
        assert rows[0].created_at.tzinfo is UTC
    assert session.read(statement, {"email": "alan@example.com"}) == []


def test_numbers_are_the_same(session: ScopedSession, monkeypatch: pytest.MonkeyPatch) -> None:
    half: AnySelect = select(literal(0.5, Double()).label("half"))
    exact: AnySelect = select(literal(Decimal("0.25"), Numeric()).label("exact"))
    with watched(monkeypatch) as asked:
        for _ in range(OFTEN):
            assert session.read(half) == [(0.5,)]
            assert session.read(exact) == [(Decimal("0.25"),)]

    assert {"half" in statement for statement in asked} == {True}


def test_ids_and_documents_are_the_same(
    session: ScopedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, document = UUID(int=7), {"a": [1, None]}
    queries: list[tuple[AnySelect, Any]] = [
        (select(literal(token, Uuid()).label("token")), token),
        (
            select(literal_column("CAST('{\"a\": [1, null]}' AS jsonb)", JSONB()).label("it")),
            document,
        ),
        (select(literal_column("CAST('users' AS name)", String()).label("named")), "users"),
    ]
    with watched(monkeypatch) as asked:
        for _ in range(OFTEN):
            for query, value in queries:
                assert session.read(query) == [(value,)]

    assert any("token" in statement for statement in asked)
    assert any("named" in statement for statement in asked)


def test_a_statement_that_is_built_each_time_is_left_alone(
    session: ScopedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watched(monkeypatch) as asked:
        for _ in range(OFTEN):
            session.read(by_email(), {"email": "ada@example.com"})

    assert not asked


def test_so_is_one_into_which_lists_are_written(
    session: ScopedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement: AnySelect = select(User.email).where(
        User.email.in_(bindparam("emails", expanding=True))
    )
    with watched(monkeypatch) as asked:
        for count in range(OFTEN):
            emails = ["ada@example.com", *(f"{number}@example.com" for number in range(count))]
            assert len(session.read(statement, {"emails": emails})) == 1

    assert not asked


def test_a_lock_needs_a_transaction_however_often_it_is_asked_for(session: ScopedSession) -> None:
    statement: AnySelect = select(User.id).with_for_update()
    for _ in range(OFTEN):
        with pytest.raises(RuntimeError, match="open transaction"):
            session.read(statement)


def test_an_error_is_that_of_sqlalchemy(session: ScopedSession) -> None:
    broken: AnySelect = select(func.there_is_no_such_function())
    naive: AnySelect = select(User.id).where(User.created_at > bindparam("since"))
    for _ in range(OFTEN):
        with pytest.raises(ProgrammingError):
            session.read(broken)
        session.read(naive, {"since": NOON})
    with pytest.raises((StatementError, ValueError), match="needs a time zone"):
        session.read(naive, {"since": NOON.replace(tzinfo=None)})


def test_a_read_whose_connection_dies_is_sent_again(
    session: ScopedSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement, asked = by_email(), {"email": "ada@example.com"}
    found, *_ = [session.read(statement, asked) for _ in range(OFTEN)]

    def die(*_: Any) -> Any:
        raise psycopg.OperationalError

    monkeypatch.setattr(DriverRead, "rows", die)

    assert session.read(statement, asked) == found


def test_a_connection_that_died_is_not_used_again(own_app: Flask) -> None:
    engine = reading(engine_of(own_app))
    read = DriverRead(select(func.pg_backend_pid()), engine.dialect)
    dying = DriverRead(select(func.pg_terminate_backend(func.pg_backend_pid())), engine.dialect)
    ((before,),) = read.rows(engine, {})

    with pytest.raises(psycopg.OperationalError):
        dying.rows(engine, {})

    assert read.rows(engine, {}) != [(before,)]


def test_a_database_out_of_reach_is_told_as_sqlalchemy_does(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = reading(engine_of(own_app))
    read = DriverRead(select(func.pg_backend_pid()), engine.dialect)

    def refuse(_: Engine) -> Any:
        raise psycopg.OperationalError

    monkeypatch.setattr(Engine, "raw_connection", refuse)

    with pytest.raises(OperationalError):
        read.rows(engine, {})


def test_times_are_read_in_utc_whatever_zone_the_server_is_in(own_app: Flask) -> None:
    with engine_of(own_app).connect() as connection:
        connection.execute(text("SET TIME ZONE 'Asia/Tokyo'"))
        (time,) = connection.scalars(select(func.now()))
        connection.execute(text("RESET TIME ZONE"))

    assert time.tzinfo is UTC
