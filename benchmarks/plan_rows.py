"""A database with many rows in every table that has a long list, for `benchmarks.plans`."""

import contextlib
import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.types.json import Json
from sqlalchemy.engine import make_url

from benchmarks.speed import database
from benchmarks.speed.database import Row, Table, copy, filled, made_at
from support.postgres import postgres_server
from userapi.kit.clock import utc_now
from userapi.kit.events import known_events

ADMIN = 1
BUSY = 7
"""Who has as many sessions as anybody may."""

_FEW = (
    "role = 'moderator' WHERE id % 1000 = 5",
    "is_active = false WHERE id % 1000 = 15",
    "deleted_at = now() WHERE id % 1000 = 25",
    "email_verified_at = NULL WHERE id % 1000 = 35",
)
"""What few users are, and lists ask for."""
_AUTHORS = 1_000
_SESSIONS = 100


def _post(number: int, _rows: int, _hashed: str) -> Row:
    made = made_at(number)
    return "Notes", "It weaves algebraical patterns.", number % _AUTHORS + 1, made, made


def _event(number: int, _rows: int, _hashed: str) -> Row:
    names = known_events()
    about = number % _AUTHORS + 1
    return made_at(number), names[number % len(names)], about, about, Json({})


def _origin(number: int, _rows: int, _hashed: str) -> Row:
    return number, "192.0.2.7", "Mozilla/5.0"


def _session(number: int, _rows: int, _hashed: str) -> Row:
    made, end = made_at(number), utc_now() + timedelta(days=7)
    owner = BUSY if number <= _SESSIONS else number
    return uuid.UUID(int=number), owner, made, made, made, made, end, end, "none"


def _invitation(number: int, _rows: int, _hashed: str) -> Row:
    made = made_at(number)
    end = made + timedelta(days=7)
    return uuid.UUID(int=number), f"invited{number}@example.com", "user", ADMIN, made, end


_TIMES = ("created_at", "updated_at")
_TABLES = {
    Table("posts", ("title", "content", "author_id", *_TIMES), _post): 1.0,
    Table(
        "audit_events", ("occurred_at", "event", "actor_id", "subject_id", "details"), _event
    ): 2.0,
    Table("audit_origins", ("event_id", "address", "user_agent"), _origin): 2.0,
    Table(
        "sessions",
        (
            *("id", "user_id", *_TIMES, "rotated_at", "last_used_at"),
            *("expires_at", "absolute_expires_at", "current_hash"),
        ),
        _session,
    ): 1.0,
    Table(
        "invitations",
        ("id", "email", "role", "invited_by", "created_at", "expires_at"),
        _invitation,
    ): 0.1,
}
"""How many rows each table gets for one user."""


@contextlib.contextmanager
def many_rows(users: int) -> Iterator[str]:
    """Yield the URL of a database with so many users, and what they have."""
    with (
        postgres_server() as server_url,
        filled(server_url, database.prepare_ours, database.OURS, users) as database_url,
    ):
        address = make_url(database_url).set(drivername="postgresql")
        plain = address.render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute("UPDATE users SET role = 'admin' WHERE id = %s", [ADMIN])
            for few in _FEW:
                connection.execute(sql.SQL("UPDATE users SET ") + sql.SQL(few))
            for table, share in _TABLES.items():
                copy(connection, table, round(share * users))
            connection.execute("VACUUM ANALYZE")
        yield database_url
