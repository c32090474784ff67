"""Sessions on their way to a known client, and back: they go on."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from support.databases import engine_on
from userapi.db.migrations import Migrations

MOMENT, LATER = "2026-01-31 12:00:00+00:00", "2026-01-31 13:00:00+00:00"
ADA = f"""
    INSERT INTO users
        (id, email, password_hash, first_name, last_name, is_active, created_at, updated_at)
    VALUES (5, 'ada@example.com', '!', 'Ada', 'Lovelace', TRUE, '{MOMENT}', '{MOMENT}')
"""
SESSION = f"""
    INSERT INTO sessions
        (id, user_id, created_at, updated_at, expires_at, absolute_expires_at, current_hash,
         rotated_at, last_used_at)
    VALUES ('{uuid.UUID(int=1).hex}', 5, '{MOMENT}', '{MOMENT}', '{LATER}', '{LATER}', 'hash',
            '{MOMENT}', '{MOMENT}')
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database from before, with a user who is logged in."""
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade("0009")
        with engine.begin() as connection:
            connection.execute(text(ADA))
            connection.execute(text(SESSION))
        yield engine


def column(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f"SELECT {name} FROM sessions")).scalar_one()


def test_the_client_of_an_earlier_rotation_is_not_known(engine: Engine) -> None:
    Migrations(engine=engine).upgrade("0010")

    assert (column(engine, "rotated_by"), column(engine, "current_hash")) == (None, "hash")


def test_on_the_way_back_the_session_stays(engine: Engine) -> None:
    migrations = Migrations(engine=engine)
    migrations.upgrade("0010")

    migrations.downgrade("0009")

    assert column(engine, "current_hash") == "hash"
