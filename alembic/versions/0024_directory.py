"""The directory by names and by criteria that few users meet, and searches on SQLite.

Revision: 0024
Revises: 0023
"""

import sqlite3

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_LIVING = "deleted_at IS NULL"
_NEWEST = ("created_at", "id")
_NAMES = ("ix_users_names", (sa.text("lower(last_name)"), sa.text("lower(first_name)"), "id"))
_INDEXES = (
    (*_NAMES, _LIVING),
    ("ix_users_deactivated", _NEWEST, f"{_LIVING} AND {{deactivated}}"),
    ("ix_users_roles", ("role", *_NEWEST), f"{_LIVING} AND role != 'user'"),
    ("ix_users_verified", _NEWEST, f"{_LIVING} AND email_verified_at IS NOT NULL"),
    ("ix_users_unverified", _NEWEST, f"{_LIVING} AND email_verified_at IS NULL"),
    ("ix_users_closed", _NEWEST, "deleted_at IS NOT NULL AND erased_at IS NULL"),
)
_TABLE = "user_search"
_OF_THE_NEW, _OF_THE_OLD = (
    f"{row}.first_name || ' ' || {row}.last_name || char(10) || {row}.email"
    for row in ("new", "old")
)
_ADD = (
    f"INSERT INTO {_TABLE} (rowid, document) "  # noqa: S608 - our own words
    f"VALUES (new.id, {_OF_THE_NEW});"
)
_REMOVE = (
    f"INSERT INTO {_TABLE} ({_TABLE}, rowid, document) "  # noqa: S608 - as above
    f"VALUES ('delete', old.id, {_OF_THE_OLD});"
)
_TRIGGERS = {
    f"{_TABLE}_insert": f"AFTER INSERT ON users BEGIN {_ADD} END",
    f"{_TABLE}_update": (
        f"AFTER UPDATE OF first_name, last_name, email ON users BEGIN {_REMOVE} {_ADD} END"
    ),
    f"{_TABLE}_delete": f"AFTER DELETE ON users BEGIN {_REMOVE} END",
}
_OLDEST_WITH_TRIGRAMS = (3, 34)


def upgrade() -> None:
    """Make the indexes, on PostgreSQL while people log in, and fill the table of searches."""
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            for name, columns, where in _INDEXES:
                # One that was broken off is left behind, and of no use.
                op.drop_index(name, "users", if_exists=True, postgresql_concurrently=True)
                op.create_index(
                    name,
                    "users",
                    list(columns),
                    postgresql_where=sa.text(where.format(deactivated="NOT is_active")),
                    postgresql_concurrently=True,
                )
        return
    for name, columns, where in _INDEXES:
        # One of the living alone would be taken for all that ask for them.
        is_wanted = None if where == _LIVING else sa.text(where.format(deactivated="is_active = 0"))
        op.create_index(name, "users", list(columns), sqlite_where=is_wanted)
    if _has_trigrams():
        # It keeps no documents, only where their trigrams are.
        op.execute(
            f"CREATE VIRTUAL TABLE {_TABLE} USING fts5(document, content='', tokenize='trigram')"
        )
        op.execute(
            f"INSERT INTO {_TABLE} (rowid, document) "  # noqa: S608 - as above
            f"SELECT new.id, {_OF_THE_NEW} FROM users AS new"
        )
        for name, what in _TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {what}")


def downgrade() -> None:
    """Drop them: searches read all users then."""
    if op.get_context().dialect.name == "sqlite":
        for name in _TRIGGERS:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
        op.execute(f"DROP TABLE IF EXISTS {_TABLE}")
    for name, _, _ in reversed(_INDEXES):
        op.drop_index(name, table_name="users")


def _has_trigrams() -> bool:
    """Say whether this SQLite has full-text search by trigrams."""
    if sqlite3.sqlite_version_info < _OLDEST_WITH_TRIGRAMS:
        return False
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(document, tokenize='trigram')")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True
