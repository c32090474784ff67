"""The database itself keeps the trail as it is."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from support.databases import engine_on, on_postgresql, on_sqlite
from userapi.db.migrations import Migrations

EVENT = """
    INSERT INTO audit_events (id, occurred_at, event, details)
    VALUES (1, '2026-01-31 12:00:00+00:00', 'user:deleted', '{}')
"""
ORIGIN = "INSERT INTO audit_origins (event_id, address) VALUES (1, '192.0.2.1')"
RETENTION = "SET LOCAL userapi.retention = 'on'"
RETENTION_OF_EVENTS = "SET LOCAL userapi.retention = 'events'"

updates = pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET event = 'post:deleted'",
        "UPDATE audit_origins SET address = NULL",
    ],
)
changes_of_events = pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET event = 'post:deleted'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events CASCADE",
    ],
)
removals_of_origins = pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_origins", "TRUNCATE audit_origins"]
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The engine of a migrated database with one event and where it came from."""
    with engine_on(database_url) as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql(EVENT)
            connection.exec_driver_sql(ORIGIN)
        yield engine


def rows(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT event, address FROM audit_events JOIN audit_origins ON id = event_id")
        )
        return [tuple(row) for row in found]


def refused(engine: Engine, *statements: str) -> None:
    """Fail unless the last of those statements is refused, in one transaction with the others."""
    *before, last = statements
    with engine.connect() as connection, connection.begin() as transaction:
        for statement in before:
            connection.exec_driver_sql(statement)
        with pytest.raises(IntegrityError, match="append-only"):
            connection.exec_driver_sql(last)
        transaction.rollback()
    assert rows(engine) == [("user:deleted", "192.0.2.1")]


@updates
def test_nothing_is_rewritten(engine: Engine, statement: str) -> None:
    refused(engine, statement)


def test_no_event_is_deleted(engine: Engine) -> None:
    refused(engine, "DELETE FROM audit_events")


@on_postgresql
def test_the_events_are_not_emptied(engine: Engine) -> None:
    refused(engine, "TRUNCATE audit_events CASCADE")


@on_postgresql
@changes_of_events
def test_retention_is_not_about_events(engine: Engine, statement: str) -> None:
    refused(engine, RETENTION, statement)


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET event = 'post:deleted'", "TRUNCATE audit_events CASCADE"],
)
def test_the_retention_of_events_neither_rewrites_nor_empties_them(
    engine: Engine, statement: str
) -> None:
    refused(engine, RETENTION_OF_EVENTS, statement)


@on_postgresql
def test_the_owner_deletes_events_that_it_says_to_be_expired(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETENTION_OF_EVENTS)
        connection.exec_driver_sql("DELETE FROM audit_origins")
        connection.exec_driver_sql("DELETE FROM audit_events")

    assert rows(engine) == []


@on_postgresql
def test_whoever_may_delete_and_is_not_the_owner_deletes_no_event(engine: Engine) -> None:
    # As before: a right that was given by mistake is not enough.
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("CREATE ROLE careless_deleter")
        connection.exec_driver_sql("GRANT ALL ON audit_events, audit_origins TO careless_deleter")
        connection.exec_driver_sql("SET LOCAL ROLE careless_deleter")
        connection.exec_driver_sql(RETENTION_OF_EVENTS)
        with pytest.raises(IntegrityError, match="append-only"):
            connection.exec_driver_sql("DELETE FROM audit_events")
        transaction.rollback()


@on_postgresql
def test_retention_rewrites_no_origins(engine: Engine) -> None:
    refused(engine, RETENTION, "UPDATE audit_origins SET address = NULL")


@on_postgresql
@removals_of_origins
def test_origins_are_not_removed_by_mistake(engine: Engine, statement: str) -> None:
    refused(engine, statement)


@on_postgresql
def test_another_value_is_no_retention(engine: Engine) -> None:
    refused(engine, "SET LOCAL userapi.retention = 'off'", "DELETE FROM audit_origins")


@on_postgresql
def test_retention_ends_with_its_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql(RETENTION)
        with pytest.raises(IntegrityError, match="append-only"), connection.begin():
            connection.exec_driver_sql("DELETE FROM audit_origins")


@on_postgresql
@removals_of_origins
def test_retention_removes_origins(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETENTION)
        connection.exec_driver_sql(statement)

    assert rows(engine) == []


@on_sqlite
def test_sqlite_lets_origins_be_removed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM audit_origins")

    assert rows(engine) == []


@updates
def test_a_schema_taken_back_lets_the_tables_be_changed(engine: Engine, statement: str) -> None:
    Migrations(engine=engine).downgrade("0003")

    with engine.begin() as connection:
        changed = connection.exec_driver_sql(statement)

    assert changed.rowcount == 1
