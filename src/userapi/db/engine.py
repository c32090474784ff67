"""What each database's engine needs, and the engine for reads in autocommit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from userapi.kit.files import make_private_file, take_from_others

STORE_FAILURES = (OperationalError, InterfaceError, PoolTimeoutError)
"""What SQLAlchemy raises when the database is out of reach, overloaded or locked."""

_READS_ONLY = "userapi_reads_only"


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """Return with which options an engine on the database at `url` is made."""
    if url.startswith("sqlite"):
        connect_args: dict[str, Any] = {"timeout": 15}
    else:
        connect_args = {"connect_timeout": 5, "application_name": "userapi"}
    return {
        "pool_pre_ping": True,
        "pool_recycle": 300,
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 10,
        "hide_parameters": True,
        "connect_args": connect_args,
    }


def configure_engine(engine: Engine) -> None:
    """Give SQLite its pragmas and its way to begin, and keep rows out of PostgreSQL's errors."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _keep_from_others)
        event.listen(engine, "connect", _set_up_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    else:
        event.listen(engine, "handle_error", _leave_out_details)


def reading(engine: Engine) -> Engine:
    """Return `engine` for reads in autocommit: the same pool, no transaction."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{_READS_ONLY: True})
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _keep_from_others(_dialect: Any, _record: Any, arguments: Sequence[Any], _: Any) -> None:
    """Let only the owner read the file; SQLite gives those beside it the same rights."""
    name = str(arguments[0])
    if name != ":memory:" and not name.startswith("file:"):
        make_private_file(Path(name))
        for beside in ("-wal", "-shm"):
            take_from_others(Path(name + beside))


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


def _leave_out_details(context: ExceptionContext) -> None:
    """Take from an error what it tells of a row, before anybody logs it."""
    original, error = context.original_exception, context.sqlalchemy_exception
    summary = getattr(getattr(original, "diag", None), "message_primary", None)
    if summary is not None and error is not None:
        original.args = (summary,)
        error.args = (f"{type(original).__name__}: {summary}",)
