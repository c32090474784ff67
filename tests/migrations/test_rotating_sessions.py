"""Sessions on their way to refresh tokens that rotate, and back: they end, users stay."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from support.databases import engine_on
from userapi.db.migrations import Migrations

MOMENT, LATER, LAST = (f"2026-01-31 1{hour}:00:00+00:00" for hour in (2, 3, 4))
ADA = f"""
    INSERT INTO users
        (id, email, password_hash, first_name, last_name, is_active, is_admin,
         created_at, updated_at)
    VALUES (5, 'ada@example.com', '!', 'Ada', 'Lovelace', TRUE, FALSE, '{MOMENT}', '{MOMENT}')
"""
OLD_SESSION = f"""
    INSERT INTO sessions (id, user_id, created_at, updated_at, expires_at)
    VALUES ('{uuid.UUID(int=1).hex}', 5, '{MOMENT}', '{MOMENT}', '{LATER}')
"""
NEW_SESSION = f"""
    INSERT INTO sessions
        (id, user_id, created_at, updated_at, expires_at, absolute_expires_at, current_hash,
         rotated_at, last_used_at)
    VALUES ('{uuid.UUID(int=1).hex}', 5, '{MOMENT}', '{MOMENT}', :expires_at, '{LATER}', 'hash',
            '{MOMENT}', '{MOMENT}')
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database from before, with a user who is logged in."""
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade("0003")
        with engine.begin() as connection:
            connection.execute(text(ADA))
            connection.execute(text(OLD_SESSION))
        yield engine


def count_of(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        counted: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return counted


def add_session(engine: Engine, expires_at: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(NEW_SESSION), {"expires_at": expires_at})


def test_old_sessions_end(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade("0006")

    assert (count_of(engine, "sessions"), count_of(engine, "users")) == (0, 1)


def test_new_sessions_end_on_the_way_back(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade("0006")
    add_session(engine, LATER)

    migrations.downgrade("0003")

    assert (count_of(engine, "sessions"), count_of(engine, "users")) == (0, 1)


def test_on_the_way_back_the_table_is_as_it_was(engine: Engine, migrations: Migrations) -> None:
    before = inspect(engine)
    columns, indexes = before.get_columns("sessions"), before.get_indexes("sessions")
    migrations.upgrade("0006")

    migrations.downgrade("0003")

    after = inspect(engine)
    assert [str(it) for it in after.get_columns("sessions")] == [str(it) for it in columns]
    assert after.get_indexes("sessions") == indexes


def test_no_session_outlives_its_absolute_end(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade("0006")

    with pytest.raises(IntegrityError, match="expiry_within_lifetime"):
        add_session(engine, LAST)
