"""What a migration locks while the release before serves.

A request that has one table and waits for another, and a migration that has that one and waits for
the first, wait for each other: PostgreSQL ends one of them, and it may be the request.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text

from support.databases import on_postgresql
from userapi.db.migrations import Migrations

LAST_RELEASE = (Path(__file__).parents[2] / "alembic" / "released").read_text().strip()
LOCKED = text("""
    SELECT DISTINCT relation::regclass::text
    FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
      AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
""")


@pytest.fixture
def locked(engine: Engine) -> Iterator[list[set[str]]]:
    """Which tables each transaction kept from being written to, when it ended."""
    found: list[set[str]] = []

    def look(connection: Connection) -> None:
        found.append(set(connection.scalars(LOCKED)))

    event.listen(engine, "commit", look)
    yield found
    event.remove(engine, "commit", look)


@on_postgresql
def test_a_migration_locks_one_table_of_the_last_release_at_a_time(
    engine: Engine, migrations: Migrations, locked: list[set[str]]
) -> None:
    migrations.upgrade(LAST_RELEASE)
    before = set(inspect(engine).get_table_names())
    locked.clear()

    migrations.upgrade()

    of_before = [tables & before for tables in locked]
    assert {"posts"} in of_before
    assert [tables for tables in of_before if len(tables) > 1] == []
