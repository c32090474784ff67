"""For how long the database may be waited for by what is being done, and in which order.

SQLite lets one write at a time. Whoever else would has to ask again and again, after pauses that
grow up to a tenth of a second: among many who do so some never have their turn. Here the threads of
a process stand in a queue, and the first of each process asks every few milliseconds.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, overload

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from userapi.kit.arrival import ASKED_AT, WAITED

IMPATIENT: ContextVar[bool] = ContextVar("impatient", default=False)
"""Whether a transaction fails at once where it would have to wait for another."""

READS_ONLY = "userapi_reads_only"
"""The execution option of what takes no turn among those who write to an SQLite file."""

SEES_ONE_MOMENT = "userapi_sees_one_moment"
"""The execution option of a transaction that reads what there was at one moment of such a file."""

WRITER_SECONDS = 15
"""How long such a turn is waited for where no request waits."""

_PAUSE_SECONDS = 0.002
_HELD = "userapi_turn"
_turns: dict[str, threading.Lock] = {}
_LEFT: ContextVar[float | None] = ContextVar("left", default=None)
_ARE_LIFTED: ContextVar[bool] = ContextVar("are_lifted", default=False)
_SHORTEST = 0.01
_LEAST = 0.5


def lift() -> None:
    """Have connections that are made in this context wait for as long as it takes."""
    _ARE_LIFTED.set(True)


def are_lifted() -> bool:
    """Say whether connections are made that wait for as long as it takes."""
    return _ARE_LIFTED.get()


def begin(seconds: float | None) -> None:
    """Have what is done in this context wait for so many seconds altogether; None: without end.

    They count from when it was asked for: who has waited for a thread, or for a turn to hash, has
    waited. But something is left for everybody.
    """
    WAITED.set(0.0)
    asked_at = ASKED_AT.get()
    waited = 0.0 if asked_at is None else time.monotonic() - asked_at
    _LEFT.set(None if seconds is None else max(seconds - waited, min(seconds, _LEAST)))


def end(_error: BaseException | None = None) -> None:
    """Have what is done in this context wait without end again."""
    _LEFT.set(None)


@overload
def seconds_left(limit: float) -> float: ...
@overload
def seconds_left(limit: float | None) -> float | None: ...
def seconds_left(limit: float | None) -> float | None:
    """Return for how many seconds may be waited now, and no longer than the limit, if any."""
    left = _left()
    if left is None:
        return limit
    return max(left if limit is None else min(left, limit), _SHORTEST)


def is_short() -> bool:
    """Say whether less than a second is left of what may be waited."""
    left = _left()
    return left is not None and left < 1


def spend(seconds: float) -> None:
    """Count how long was waited."""
    left = _LEFT.get()
    if left is not None:
        _LEFT.set(left - seconds)


def _left() -> float | None:
    left = _LEFT.get()
    return None if left is None else max(left - WAITED.get(), min(left, _LEAST))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Have a block wait for so many seconds at most, of what may be waited altogether."""
    before = _LEFT.get()
    share = seconds if before is None else min(before, seconds)
    _LEFT.set(share)
    try:
        yield
    finally:
        used = share - (_LEFT.get() or 0)
        _LEFT.set(None if before is None else before - used)


def take_turns(engine: Engine) -> None:
    """Have the transactions of an engine on an SQLite file wait for each other."""
    event.listen(engine, "begin", _begin_transaction)
    event.listen(engine, "commit", _end_transaction)
    event.listen(engine, "rollback", _end_transaction)
    event.listen(engine, "checkin", lambda _, record: _end_turn(record.record_info))


def _begin_transaction(connection: Connection) -> None:
    """Begin as one who writes, once it is this one's turn.

    IMMEDIATE takes the write lock at once: a transaction that began by reading could otherwise fail
    in the middle, when another had written in the meantime.
    """
    options = connection.get_execution_options()
    if options.get(SEES_ONE_MOMENT):
        connection.exec_driver_sql("BEGIN")
    if options.get(READS_ONLY) or options.get(SEES_ONE_MOMENT):
        return
    began = time.monotonic()
    until = began + (0 if IMPATIENT.get() else seconds_left(WRITER_SECONDS))
    try:
        _take_turn(connection, until)
        _take_lock(connection, until)
    except BaseException:
        _end_transaction(connection)
        raise
    finally:
        spend(time.monotonic() - began)


def _take_turn(connection: Connection, until: float) -> None:
    """Wait for the other threads of this process; SQLite refuses one who comes to no turn."""
    held = connection.connection.record_info
    if held is None or _HELD in held:
        return
    turn = _turns.setdefault(str(connection.engine.url.database), threading.Lock())
    if turn.acquire(timeout=max(until - time.monotonic(), 0)):
        held[_HELD] = turn


def _take_lock(connection: Connection, until: float) -> None:
    """Wait for the other processes."""
    driver: Any = connection.connection.dbapi_connection
    ((usual,),) = driver.execute("PRAGMA busy_timeout")
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < until and _is_locked(driver):
            time.sleep(_PAUSE_SECONDS)
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {usual:d}")


def _is_locked(driver: sqlite3.Connection) -> bool:
    """Try to begin; say whether somebody else writes."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def _end_transaction(connection: Connection) -> None:
    """Let the next one ask; until this one's changes are durable it finds the file locked."""
    if not connection.invalidated:
        _end_turn(connection.connection.record_info or {})


def _end_turn(held: dict[str, Any]) -> None:
    if turn := held.pop(_HELD, None):
        turn.release()
