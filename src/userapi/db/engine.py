"""What each database's engine needs, and the engines for reads and for transactions.

Both have the same pool. PostgreSQL's connections are in autocommit there: most requests only read,
and would otherwise switch it on and off again.
"""

import select
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine, ExceptionContext, ExecutionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.sql.base import Executable

from userapi.db.rows import AnyRow
from userapi.kit.files import restrict_to_owner

STORE_FAILURES = (OperationalError, InterfaceError, PoolTimeoutError)
"""What SQLAlchemy raises when the database is out of reach, overloaded or locked."""

MISSING_FILE = "there is no file"
"""How the error begins where the file of an SQLite database is missing."""

_READS_ONLY = "userapi_reads_only"
_IN_AUTOCOMMIT = "userapi_in_autocommit"


def engine_options(url: str, pool_size: int, *, is_preparing: bool = True) -> dict[str, Any]:
    """Return with which options an engine on the database at `url` is made.

    With `is_preparing` PostgreSQL plans what it has been sent a few times only once.
    """
    options = {
        "pool_recycle": 300,
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 10,
        "hide_parameters": True,
    }
    if url.startswith("sqlite"):
        return {**options, "connect_args": {"timeout": 15}}
    connect_args: dict[str, Any] = {"connect_timeout": 3, "application_name": "userapi"}
    if not is_preparing:
        connect_args["prepare_threshold"] = None
    return {**options, "connect_args": connect_args, "isolation_level": "AUTOCOMMIT"}


def configure_engine(engine: Engine) -> None:
    """Give SQLite its pragmas and its way to begin, and keep rows out of PostgreSQL's errors."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _connect_to_file)
        event.listen(engine, "connect", _set_up_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    else:
        event.listen(engine, "connect", _read_times_in_utc)
        event.listen(engine, "handle_error", _leave_out_details)
        event.listen(engine, "checkout", _replace_ended)
        event.listen(engine, "do_execute", _execute_unprepared)


def _execute_unprepared(
    cursor: Any, statement: str, parameters: Any, context: ExecutionContext | None
) -> bool:
    """Send a statement with `is_prepared=False` so that it is planned anew, for its own values."""
    if context is None or context.execution_options.get("is_prepared", True):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def reading(engine: Engine) -> Engine:
    """Return `engine` for reads in autocommit: the same pool, no transaction."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_READS_ONLY: True})
    own: Engine | None = engine.get_execution_options().get(_IN_AUTOCOMMIT)
    return own or engine.execution_options(isolation_level="AUTOCOMMIT")


def transacting(engine: Engine) -> Engine:
    """Return `engine`, made with `engine_options`, for transactions.

    Each statement in them sees what others have committed.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="READ COMMITTED", **{_IN_AUTOCOMMIT: engine})


def read_in_autocommit(
    bind: Engine | Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return the rows of a select, on a connection of an engine or on the one that is given.

    Raises `RuntimeError` for one that writes, or takes a lock, which would be gone at once.
    """
    if needs_transaction(statement):
        message = "writes and locks need an open transaction"
        raise RuntimeError(message)
    if isinstance(bind, Connection):
        return bind.execute(statement, parameters).all()
    try:
        return _read_once(bind, statement, parameters)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _read_once(bind, statement, parameters)


def _read_once(
    engine: Engine, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    with engine.connect() as connection:
        return connection.execute(statement, parameters).all()


def needs_transaction(statement: Executable) -> bool:
    """Say whether a statement writes or locks."""
    return statement.is_dml or getattr(statement, "_for_update_arg", None) is not None


def _connect_to_file(
    dialect: Dialect, _record: Any, arguments: list[Any], options: dict[str, Any]
) -> DBAPIConnection:
    """Connect to an SQLite file that exists, and let only its owner read it.

    SQLite gives what it makes beside it the same rights. What goes wrong names the file.
    """
    file = Path(arguments[0])
    _ensure_there(file)
    for name in (file, f"{file}-wal", f"{file}-shm"):
        restrict_to_owner(Path(name))
    try:
        return dialect.connect(*arguments, **options)
    except sqlite3.OperationalError as error:
        message = f"{error}: {file}"
        raise sqlite3.OperationalError(message) from None


def _ensure_there(file: Path) -> None:
    try:
        if file.is_file():
            return
        message = f"unable to open database file: {file} is a folder"
        if not file.exists():
            message = f"{MISSING_FILE} {file}"
    except PermissionError as error:  # of a folder that may not be entered
        message = f"unable to open database file: {file}: {error.strerror}"
    raise sqlite3.OperationalError(message)


def _set_up_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that began by reading could
    # otherwise fail in the middle, when another had written in the meantime.
    if not connection.get_execution_options().get(_READS_ONLY):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


_TIMES = "timestamptz"
_TIMES_OID = psycopg.adapters.types[_TIMES].oid


class _InUTC(Loader):
    """Stands for psycopg's own reader of points in time, which without a connection reads in UTC.

    With one it reads in the zone that the server is set to: twice the work, and as much again to
    get to UTC from there.
    """

    format = Format.TEXT

    def __new__(cls, oid: int, _context: Any = None) -> Loader:  # type: ignore[misc] # see above
        """Return psycopg's reader."""
        return psycopg.adapters.get_loader(_TIMES_OID, cls.format)(oid)  # type: ignore[misc, return-value] # as above


class _BinaryInUTC(_InUTC):
    """The same of what comes in PostgreSQL's binary form."""

    format = Format.BINARY


def _read_times_in_utc(connection: Any, _record: Any) -> None:
    connection.adapters.register_loader(_TIMES, _InUTC)
    connection.adapters.register_loader(_TIMES, _BinaryInUTC)


def _replace_ended(connection: Any, _record: Any, _proxy: Any) -> None:
    """Refuse a pooled connection that the server has ended, and those of its age with it.

    Nothing is asked of the server: what has arrived from it while nobody waited tells.
    """
    arrived = select.poll()
    arrived.register(connection.fileno(), select.POLLIN)
    try:
        while arrived.poll(0):
            connection.pgconn.consume_input()  # perhaps a notice only: the end raises
    except psycopg.OperationalError as error:
        raise InvalidatePoolError(str(error)) from error


def _leave_out_details(context: ExceptionContext) -> None:
    """Take from an error what it tells of a row, before anybody logs it."""
    original, error = context.original_exception, context.sqlalchemy_exception
    summary = getattr(getattr(original, "diag", None), "message_primary", None)
    if summary is not None and error is not None:
        original.args = (summary,)
        error.args = (f"{type(original).__name__}: {summary}",)
