"""Up, down and up with rows: the same schema, and what was there before is there again.

`make stairs` does it with 100,000 users.
"""

import os

import pytest
from sqlalchemy import Engine, text

from migrations.test_migrations import indexes, structure
from userapi.db.migration_limits import MigrationLimits
from userapi.db.migrations import Migrations

USERS = int(os.environ.get("USERAPI_USERS", "1000"))
RELEASED = "0010"
AT_ANY_TIME = MigrationLimits(statement=0)
FILL = {
    "users": """
        INSERT INTO users (id, email, password_hash, first_name, last_name, is_active, role,
            created_at, updated_at)
        SELECT n, 'user' || n || '@example.com', 'hash', 'Ada', 'Lovelace', {true}, 'user',
            '2026-01-31 12:00:00+00:00', '2026-01-31 12:00:00+00:00' FROM numbers
    """,
    "posts": """
        INSERT INTO posts (title, content, author_id, created_at, updated_at)
        SELECT 'Title ' || n, 'Content', n, '2026-01-31 12:00:00+00:00',
            '2026-01-31 12:00:00+00:00' FROM numbers
    """,
}
NUMBERS = """
    WITH RECURSIVE numbers (n) AS
        (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :users)
"""


@pytest.fixture
def filled(engine: Engine, migrations: Migrations) -> Engine:
    """A database as the last release has it, with rows."""
    migrations.upgrade(RELEASED)
    true = "1" if engine.dialect.name == "sqlite" else "TRUE"
    with engine.begin() as connection:
        for statement in FILL.values():
            # SQLite and PostgreSQL both take the names before an INSERT.
            filling = f"{NUMBERS} {statement.format(true=true)}"
            connection.execute(text(filling), {"users": USERS})
    return engine


def rows(engine: Engine) -> list[tuple[object, ...]]:
    """Return what tells the rows of the last release apart from others."""
    query = "SELECT count(*), sum(id), min(email), max(email) FROM users"
    with engine.connect() as connection:
        found = [connection.execute(text(query)).one()]
        found += connection.execute(text("SELECT count(*), sum(author_id) FROM posts")).all()
    return [tuple(row) for row in found]


def test_up_down_and_up_again_keeps_rows_and_schema(filled: Engine, migrations: Migrations) -> None:
    before = rows(filled)
    migrations.upgrade(limits=AT_ANY_TIME)
    schema = structure(filled), indexes(filled)

    migrations.downgrade(RELEASED, AT_ANY_TIME)
    assert rows(filled) == before

    migrations.upgrade(limits=AT_ANY_TIME)
    assert rows(filled) == before
    assert (structure(filled), indexes(filled)) == schema
