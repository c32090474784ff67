"""Connections to PostgreSQL: none is waited for longer than it may be, and no dead one is used.

The server is told how long a statement may take, and ends those that take longer. One that does
not answer at all cannot: so whoever waits for it gives up a moment later, and closes the
connection, of which nobody knows what it still waits for.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError, OperationalError

from userapi.db.waiting import are_lifted, is_short, seconds_left, spend
from userapi.kit.errors import OperatorError

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect, Engine, ExecutionContext

T = TypeVar("T")

_GRACE_SECONDS = 0.5
"""How much longer than its statement the server is waited for."""

_UNTOLD_SECONDS = 60
"""For how long a server that was not to be told of limits is not told again."""

_UNKNOWN_PARAMETER = "unsupported startup parameter"
_UTF8 = "UTF8"
_WAS_USED = "userapi_was_used"


class DeadlineExceeded(psycopg.OperationalError):
    """The server has not answered in time; the connection is closed."""


class UnusableEncoding(OperatorError):
    """The database cannot store every name."""

    message = "make one with: createdb --template=template0 --encoding=UTF8 NAME"

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self.encoding = encoding

    def __str__(self) -> str:
        """Return what is wrong, and the message."""
        wrong = f"the database in DATABASE_URL has the encoding {self.encoding}"
        return f"{wrong}, which cannot keep every name; {self.message}"


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that waits for its server no longer than it may."""

    limit: float | None = None
    """For how many seconds each statement is waited for."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait as psycopg does, up to the limit and to the deadline of what is being done."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        try:
            return super().wait(gen, interval, seconds_left(self.limit))
        except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - what psycopg raises here
            self.pgconn.finish()
            message = "the server did not answer in time"
            raise DeadlineExceeded(message) from error
        finally:
            spend(time.monotonic() - began)


@dataclass(frozen=True)
class Connector:
    """Makes the connections of an engine.

    A statement may take `statement_seconds`, or as long as it likes where there are none.
    `prepares` is None where each connection finds out whether the server keeps plans.
    """

    statement_seconds: float | None = None
    prepares: bool | None = None
    _untold_until: dict[tuple[Any, Any], float] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def listen(self, engine: Engine) -> None:
        """Have all connections of an engine made so."""
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "connect", _read_times_in_utc)
        event.listen(engine, "checkout", _replace_ended)
        event.listen(engine, "do_execute", _execute_unprepared)

    def _connect(
        self, _dialect: Dialect, _record: Any, arguments: list[Any], options: dict[str, Any]
    ) -> BoundedConnection:
        if is_short():
            message = "there is no time left to connect, which may take two seconds"
            raise DeadlineExceeded(message)
        connection = self._made(arguments, options)
        try:
            return self._checked(connection)
        except (DeadlineExceeded, psycopg.errors.ConnectionTimeout):
            raise
        except psycopg.OperationalError:
            if is_short():
                raise
            # It was ended while it was being made, as all were that were there.
            return self._checked(self._made(arguments, options))

    def _made(self, arguments: list[Any], options: dict[str, Any]) -> BoundedConnection:
        began = time.monotonic()
        try:
            if self.statement_seconds is None or are_lifted():
                return BoundedConnection.connect(*arguments, **options)
            connection = self._told(int(1000 * self.statement_seconds), arguments, options)
            connection.limit = self.statement_seconds + _GRACE_SECONDS
            return connection
        finally:
            spend(time.monotonic() - began)

    def _told(
        self, milliseconds: int, arguments: list[Any], options: dict[str, Any]
    ) -> BoundedConnection:
        """Connect, and tell the server how long a statement may take.

        PgBouncer may not take that: then only we give up, and the server goes on.
        """
        server = options.get("host"), options.get("port")
        if time.monotonic() >= self._untold_until.get(server, 0):
            limit = f"{options.get('options', '')} -c statement_timeout={milliseconds}".strip()
            try:
                return BoundedConnection.connect(*arguments, **{**options, "options": limit})
            except psycopg.OperationalError as error:
                if _UNKNOWN_PARAMETER not in str(error):
                    raise
            self._untold_until[server] = time.monotonic() + _UNTOLD_SECONDS
        return BoundedConnection.connect(*arguments, **options)

    def _checked(self, connection: BoundedConnection) -> BoundedConnection:
        try:
            _ensure_utf8(connection)
            if self.prepares is False or (self.prepares is None and _is_pooled(connection)):
                connection.prepare_threshold = None
        except BaseException:
            connection.close()
            raise
        return connection


def _ensure_utf8(connection: BoundedConnection) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != _UTF8:
        raise UnusableEncoding(encoding or "unknown")


def _is_pooled(connection: BoundedConnection) -> bool:
    """Say whether another process than the one that said hello answers: a pooler is in between.

    Before its version 1.21, PgBouncer does not know which of its servers has which plan.
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    connection.rollback()
    return row is None or row[0] != connection.info.backend_pid


def _execute_unprepared(
    cursor: Any, statement: str, parameters: Any, context: ExecutionContext | None
) -> bool:
    """Send a statement with `is_prepared=False` so that it is planned anew, for its own values."""
    if context is None or context.execution_options.get("is_prepared", True):
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


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


def _replace_ended(connection: Any, record: Any, _proxy: Any) -> None:
    """Refuse a pooled connection that the server has ended, and those of its age with it.

    Nothing is asked of the server: what has arrived from it while nobody waited tells. Where it
    ends even new ones, it is shutting down.
    """
    arrived = select.poll()
    arrived.register(connection.fileno(), select.POLLIN)
    try:
        while arrived.poll(0):
            connection.pgconn.consume_input()  # perhaps a notice only: the end raises
    except psycopg.OperationalError as error:
        if _WAS_USED in record.info:
            raise InvalidatePoolError(str(error)) from error
        raise OperationalError(None, None, error) from error
    record.info[_WAS_USED] = True
