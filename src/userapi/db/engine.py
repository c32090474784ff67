"""What each database's engine needs, and the engines for reads and for transactions.

Both have the same pool. PostgreSQL's connections are in autocommit there: most requests only read,
and would otherwise switch it on and off again.
"""

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from userapi.db import sqlite
from userapi.db.postgresql import Connector, DeadlineExceeded
from userapi.db.waiting import (
    IMPATIENT,
    READS_ONLY,
    SEES_ONE_MOMENT,
    WRITER_SECONDS,
    take_turns,
)

STORE_FAILURES = (OperationalError, InterfaceError, PoolTimeoutError)
"""What SQLAlchemy raises when the database is out of reach, overloaded or locked."""

_BESIDE_THREADS = 3
"""What needs a connection beside the threads of a process: jobs, readiness and metrics."""

_UNAVAILABLE = ("08", "25006", "25P03", "25P04", "26000", "42P05", "53", "57", "58", "XX")
"""How the codes begin of what PostgreSQL answers where no statement is to blame."""

_READ_ONLY = "25006"
_POOL_SECONDS = 1
_CONNECT_SECONDS = 2  # libpq takes no less
_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_IN_AUTOCOMMIT = "userapi_in_autocommit"


def connection_limit(pool_size: int, threads: int) -> int:
    """Return how many connections the engine of a process with so many threads has at most.

    Each thread can have one, and there is always one to tell whether the service is ready.
    """
    return max(2 * pool_size, threads + _BESIDE_THREADS)


def engine_options(url: str, pool_size: int, threads: int = 0) -> dict[str, Any]:
    """Return with which options an engine on the database at `url` is made."""
    options = {
        "pool_recycle": 300,
        "pool_size": pool_size,
        "max_overflow": connection_limit(pool_size, threads) - pool_size,
        "pool_timeout": _POOL_SECONDS,
        "hide_parameters": True,
    }
    if url.startswith("sqlite"):
        return {**options, "connect_args": {"timeout": WRITER_SECONDS}}
    connect_args = {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "userapi",
        "tcp_user_timeout": 5000,
        **_ALIVE,
    }
    return {**options, "connect_args": connect_args, "isolation_level": "AUTOCOMMIT"}


def configure_engine(engine: Engine, connector: Connector | None = None) -> None:
    """Give SQLite its pragmas and its way to begin, and PostgreSQL its connections.

    Errors tell nothing of rows, and which of them are the store's failures.
    """
    event.listen(engine, "handle_error", _leave_out_details)
    event.listen(engine, "handle_error", _as_store_failure, retval=True)
    if engine.dialect.name == "sqlite":
        sqlite.listen(engine)
        take_turns(engine)
    else:
        (connector or Connector()).listen(engine)


def reading(engine: Engine) -> Engine:
    """Return `engine` for reads in autocommit: the same pool, no transaction."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{READS_ONLY: True})
    own: Engine | None = engine.get_execution_options().get(_IN_AUTOCOMMIT)
    return own or engine.execution_options(isolation_level="AUTOCOMMIT")


def transacting(engine: Engine) -> Engine:
    """Return `engine`, made with `engine_options`, for transactions.

    Each statement in them sees what others have committed.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="READ COMMITTED", **{_IN_AUTOCOMMIT: engine})


def seeing_one_moment(engine: Engine) -> Engine:
    """Return `engine` for transactions that only read, all of it as it was at one moment.

    Nobody who writes waits for them.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{SEES_ONE_MOMENT: True})
    # Of two engines in a row, the level of the first would win.
    made = reading(engine)
    return made.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _as_store_failure(context: ExceptionContext) -> BaseException | None:
    """Return the error that stands for a failure of the store, whatever class its driver gives it.

    Connections to a server that has turned read-only are dropped, with all of their age: another
    one may be the primary by now.
    """
    original, error = context.original_exception, context.sqlalchemy_exception
    code = getattr(original, "sqlstate", None)
    # What is done in passing fails with each request, and would drop the connections each time.
    if code == _READ_ONLY and not IMPATIENT.get():
        context.is_disconnect = True
    if isinstance(original, DeadlineExceeded):
        # That one waited too long says nothing of the others.
        context.invalidate_pool_on_disconnect = False
    is_failure = str(code).startswith(_UNAVAILABLE) or type(original) is sqlite3.DatabaseError
    if not is_failure or error is None or isinstance(error, STORE_FAILURES):
        return None
    return OperationalError(
        context.statement,
        context.parameters,
        original,
        hide_parameters=True,
        connection_invalidated=context.is_disconnect,
    )


def _leave_out_details(context: ExceptionContext) -> None:
    """Take from an error what it tells of a row, before anybody logs it."""
    original, error = context.original_exception, context.sqlalchemy_exception
    summary = getattr(getattr(original, "diag", None), "message_primary", None)
    if summary is not None and error is not None:
        original.args = (summary,)
        error.args = (f"{type(original).__name__}: {summary}",)
