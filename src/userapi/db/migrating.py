"""How migrations run: one process at a time, and none behind a lock for longer than seconds.

A statement that waits for a lock on a table has everybody wait who comes after it, readers too. So
it waits only shortly, lets those through who have come, and tries again a few times.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from userapi.db.blockers import blockers_of
from userapi.db.engine import reading
from userapi.db.migration_limits import LOCK_SUFFIX, MigrationLimits
from userapi.kit.files import OWNERS_FILE

_LOCK = 0x75736572_617069
"""The number of our advisory lock: "userapi" in ASCII."""

_POLL_SECONDS = 0.2
_TRIES = 3
_LOCK_TIMEOUT = "55P03"
_STATEMENT_TIMEOUT = "57014"


@contextmanager
def alone(engine: Engine, seconds: float) -> Iterator[None]:
    """Have nobody else migrate this database during the block.

    Raises `CommandError` where somebody has done so for that long. The lock ends with the process,
    however that ends.
    """
    if engine.dialect.name == "sqlite":
        with _file_locked(Path(f"{engine.url.database}{LOCK_SUFFIX}"), seconds):
            yield
    else:
        with _advisory_lock(engine, seconds):
            yield


@contextmanager
def _file_locked(file: Path, seconds: float) -> Iterator[None]:
    # Not the database itself: who closes it for any reason gives up SQLite's own locks on it.
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(file, flags, OWNERS_FILE)
    except OSError as error:
        message = f"cannot write {file}, which keeps others from migrating: {error.strerror}"
        raise CommandError(message) from error
    try:
        _wait(lambda: _is_locked_now(descriptor), seconds)
        yield
    finally:
        os.close(descriptor)


def _is_locked_now(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(engine: Engine, seconds: float) -> Iterator[None]:
    with _own_connection(reading(engine)) as connection:
        # Asked for again and again: who waits in a statement is waited for by CREATE INDEX
        # CONCURRENTLY, for ever.
        locked = text("SELECT pg_try_advisory_lock(:lock)").bindparams(lock=_LOCK)
        _wait(lambda: bool(connection.scalar(locked)), seconds)
        yield


def _wait(is_my_turn: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_my_turn():
        if seconds and time.monotonic() > end:
            message = (
                f"another process has been migrating this database for {seconds:g} s; run this "
                "again when it has ended"
            )
            raise CommandError(message)
        time.sleep(_POLL_SECONDS)


@contextmanager
def migrating(engine: Engine, limits: MigrationLimits) -> Iterator[Connection]:
    """Yield a connection for migrations, on which these limits hold, and nobody else's."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            yield connection
        return
    with _own_connection(engine) as connection:
        with connection.begin():
            for statement in limits.as_sql():
                connection.exec_driver_sql(statement)
        event.listen(connection, "begin", lambda begun: _limit_statements(begun, limits))
        yield connection


@contextmanager
def _own_connection(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that is closed at the end, with all that was set or locked on it."""
    with engine.connect() as connection:
        try:
            yield connection
        finally:
            connection.invalidate()


def _limit_statements(connection: Connection, limits: MigrationLimits) -> None:
    # Outside a transaction it does nothing: an index that is made beside the others takes its time.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{limits.whole_statement:g}s'")


def patiently(engine: Engine, limits: MigrationLimits, migrate: Callable[[], None]) -> None:
    """Call `migrate`, again where a lock was not to be had; each time it goes on where it was.

    Raises `CommandError` where a limit ends it, with who was in the way.
    """
    for left in reversed(range(_TRIES)):
        try:
            return migrate()
        except OperationalError as error:
            reason = getattr(error.orig, "sqlstate", None)
            if reason == _STATEMENT_TIMEOUT:
                raise CommandError(_slow(limits)) from error
            if reason != _LOCK_TIMEOUT:
                raise
            if not left:
                raise CommandError(_locked_out(engine, limits, error)) from error
        time.sleep(_TRIES - left)  # those who waited behind get through
    return None


def _slow(limits: MigrationLimits) -> str:
    return (
        f"a statement of the next migration takes more than {limits.statement:g} s, and meanwhile "
        "others may have to wait; the migration was taken back. Run this when that does no harm, "
        "with --statement-timeout 0"
    )


def _locked_out(engine: Engine, limits: MigrationLimits, error: OperationalError) -> str:
    found = blockers_of(engine, error.statement or "", limits.lock)
    holders = " and ".join(map(str, found)) or "somebody who has ended since"
    process = found[0].process if found else "PROCESS"
    return (
        f"the next migration needs a lock that is held by {holders}; it was tried {_TRIES} times "
        f"for {limits.lock:g} s and taken back. Run this again when that has ended, or end it: "
        f"SELECT pg_terminate_backend({process})"
    )
