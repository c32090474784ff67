"""What a database tells of itself."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select, text

from userapi.db.clock import DatabaseNow
from userapi.db.engine import reading
from userapi.kit.clock import Clock
from userapi.kit.errors import StoreUnavailable

_SERVER = text(
    """
    SELECT current_setting('server_version') AS version,
        pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only,
        current_user AS role,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
        coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class
            WHERE oid = to_regclass('public.users')), false) AS owns_tables,
        coalesce(has_table_privilege(to_regclass('public.users'), 'INSERT'), true) AS may_insert,
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int AS connections
    """
)


_IS_READ_ONLY = select(text("current_setting('transaction_read_only')::boolean"))


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a PostgreSQL server tells of itself, and of the role that asks."""

    version: str
    is_read_only: bool
    role: str
    is_superuser: bool
    owns_tables: bool
    may_insert: bool
    connections: int


def server_facts(engine: Engine) -> ServerFacts:
    """Ask a PostgreSQL server."""
    with reading(engine).connect() as connection:
        return ServerFacts(**connection.execute(_SERVER).mappings().one())


def round_trip(engine: Engine, timer: Callable[[], float] = time.monotonic) -> float:
    """Return how many seconds an answer takes on a connection that is there."""
    with reading(engine).connect() as connection:
        connection.scalar(select(1))
        begun = timer()
        connection.scalar(select(1))
        return timer() - begun


def ensure_lockable(engine: Engine) -> None:
    """Raise what SQLite says where a transaction could not write; nothing is written."""
    with engine.connect() as connection, connection.begin() as transaction:
        transaction.rollback()


def ensure_takes_writes(engine: Engine) -> None:
    """Raise `StoreUnavailable` where a server or a file can only be read.

    That somebody has locked the file is no reason: others read it, and a lock is over soon.
    """
    with reading(engine).connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.scalar(select(1))
            can_write = os.access(str(engine.url.database), os.W_OK)
        else:
            can_write = not connection.scalar(_IS_READ_ONLY)
    if not can_write:
        raise StoreUnavailable


def clock_offset(engine: Engine, clock: Clock) -> timedelta:
    """Return by how much the database's clock is ahead of ours."""
    with reading(engine).connect() as connection:
        connection.scalar(select(1))
        before = clock()
        now: datetime = connection.execute(select(DatabaseNow())).scalar_one()
        return now - (before + (clock() - before) / 2)
