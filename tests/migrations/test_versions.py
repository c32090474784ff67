"""Rows of the first schema, on their way to versions and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from support.databases import engine_on
from userapi.db.migrations import Migrations

TABLES = ("users", "posts")
MOMENT = "2026-01-31 12:00:00+00:00"
ADA = f"""
    INSERT INTO users
        (id, email, password_hash, first_name, last_name, is_active, is_admin,
         created_at, updated_at)
    VALUES (5, 'ada@example.com', '!', 'Ada', 'Lovelace', TRUE, FALSE, '{MOMENT}', '{MOMENT}')
"""
NOTES = f"""
    INSERT INTO posts (id, title, content, author_id, created_at, updated_at)
    VALUES (9, 'Notes', 'Useful.', 5, '{MOMENT}', '{MOMENT}')
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of a database of the first schema, with a user and a post."""
    with engine_on(empty_database_url) as engine:
        Migrations(engine=engine).upgrade("0001")
        with engine.begin() as connection:
            connection.execute(text(ADA))
            connection.execute(text(NOTES))
        yield engine


def rows_of(engine: Engine, table: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT * FROM {table}")).mappings()  # a name of ours
        return [dict(row) for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_gets_version_1_and_keeps_the_rest(
    engine: Engine, migrations: Migrations, table: str
) -> None:
    (before,) = rows_of(engine, table)

    migrations.upgrade("0002")

    assert rows_of(engine, table) == [before | {"version": 1}]


@pytest.mark.parametrize("table", TABLES)
def test_a_row_on_its_way_back_loses_only_its_version(
    engine: Engine, migrations: Migrations, table: str
) -> None:
    before = rows_of(engine, table)
    migrations.upgrade("0002")

    migrations.downgrade("0001")

    assert rows_of(engine, table) == before


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_without_a_version(engine: Engine, migrations: Migrations, table: str) -> None:
    migrations.upgrade("0002")

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET version = NULL"))


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_says_no_version_has_the_first(
    engine: Engine, migrations: Migrations, table: str
) -> None:
    migrations.upgrade("0002")

    with engine.begin() as connection:
        connection.execute(text("DELETE FROM posts"))
        connection.execute(text("DELETE FROM users"))
        connection.execute(text(ADA))
        connection.execute(text(NOTES))

    (row,) = rows_of(engine, table)
    assert row["version"] == 1


def test_a_version_is_a_64_bit_number(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade("0002")

    types = {
        str(column["type"])
        for table in TABLES
        for column in inspect(engine).get_columns(table)
        if column["name"] == "version"
    }
    assert types == {"BIGINT"}
