"""Databases with so many users, filled by COPY."""

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from benchmarks.speed.works import PASSWORD, email_of, names_of
from support.databases import PostgresServer, engine_on, migrate
from userapi.directory.store import NoTrigrams, SearchIndex
from userapi.kit.passwords import STANDARD_COST, PasswordHasher

_PREPARE_SECONDS = 120
_OLDEST = datetime(2020, 1, 1, tzinfo=UTC)
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """A contender's table of users: its name, its columns and what they hold."""

    name: str
    columns: Sequence[str]
    row: Callable[[int, int, str], Row]
    """Of a user's number, the number of users, and the hash of the password."""
    finish: Callable[[str], None] = lambda _url: None
    """Makes what is made once the users are there, on the database at that URL."""


def _named(number: int, users: int, hashed: str) -> Row:
    made = made_at(number)
    return (email_of(number), hashed, *names_of(number, users), True, "user", made, made)


_NAMED = (
    "email",
    "password_hash",
    "first_name",
    "last_name",
    "is_active",
    "role",
    "created_at",
    "updated_at",
)


def _make_search_index(database_url: str) -> None:
    with engine_on(database_url) as engine:
        try:
            SearchIndex(engine=engine).create()
        except NoTrigrams as error:
            sys.stderr.write(f"searches without an index: {error}\n")


OURS = Table(
    "users",
    (*_NAMED, "email_verified_at", "email_set_at"),
    lambda number, users, hashed: (*(row := _named(number, users, hashed)), row[-1], row[-1]),
    _make_search_index,
)
PLAIN = Table("users", _NAMED, _named)
FASTAPI_USERS = Table(
    "user",
    ("id", "email", "hashed_password", "is_active", "is_superuser", "is_verified"),
    # Only a superuser may read others.
    lambda number, _users, hashed: (id_of(number), email_of(number), hashed, True, True, True),
)
SECURITY_TOO = Table(
    "user",
    ("email", "password", "active", "fs_uniquifier", "create_datetime", "update_datetime"),
    lambda number, _users, hashed: (
        *(email_of(number), hashed, True, id_of(number).hex),
        *[datetime(2026, 1, 1)] * 2,  # noqa: DTZ001 - its columns have no zone
    ),
)


def made_at(number: int) -> datetime:
    """Return when a row of that number was made: each a second after the one before."""
    return _OLDEST + timedelta(seconds=number)


def id_of(number: int) -> uuid.UUID:
    """Return the id of a user where ids are no numbers."""
    return uuid.UUID(int=number)


def prepare_ours(database_url: str) -> str:
    """Make the service's tables; return the hash of the password."""
    migrate(database_url)
    return PasswordHasher(cost=STANDARD_COST).hash(PASSWORD)


def prepare_peer(command: Sequence[str], variables: dict[str, str]) -> str:
    """Have a contender make its tables and tell the hash of the password."""
    done = subprocess.run(  # noqa: S603 - the contenders' own commands
        [*command, PASSWORD],
        env=variables,
        capture_output=True,
        text=True,
        timeout=_PREPARE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-600:])
    return done.stdout.strip()


@contextlib.contextmanager
def filled(
    server_url: str, prepare: Callable[[str], str], table: Table, users: int
) -> Iterator[str]:
    """Yield the URL of a new database with so many users."""
    with PostgresServer(server_url).empty() as database_url:
        hashed = prepare(database_url)
        address = make_url(database_url).set(drivername="postgresql")
        with psycopg.connect(
            address.render_as_string(hide_password=False), autocommit=True
        ) as connection:
            copy(connection, table, users, hashed)
            table.finish(database_url)
            connection.execute("VACUUM ANALYZE")
        yield database_url


def copy(connection: psycopg.Connection, table: Table, rows: int, hashed: str = "") -> None:
    """Fill a table with so many rows."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copying:
        for number in range(1, rows + 1):
            copying.write_row(table.row(number, rows, hashed))
