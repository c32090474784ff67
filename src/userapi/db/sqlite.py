"""Connections to an SQLite file, and the queue of those who would write to it.

SQLite lets one write at a time. Whoever else would has to ask again and again, after pauses that
grow up to a tenth of a second: among many who do so some never have their turn. Here the threads of
a process stand in a queue, and the first of each process asks every few milliseconds.
"""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from userapi.db.deadlines import IMPATIENT, seconds_left, spend
from userapi.kit.files import restrict_to_owner

MISSING_FILE = "there is no file"
"""How the error begins where the file of an SQLite database is missing."""

READS_ONLY = "userapi_reads_only"
"""The execution option of what takes no turn among those who write."""

WRITER_SECONDS = 15
"""How long a turn is waited for where no request is."""

_PAUSE_SECONDS = 0.002
_HELD = "userapi_turn"
_turns: dict[str, threading.Lock] = {}


def listen(engine: Engine) -> None:
    """Give the connections of an engine their pragmas, and their transactions a turn."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "commit", _end)
    event.listen(engine, "rollback", _end)
    event.listen(engine, "checkin", lambda _, record: _end_turn(record.record_info))


def _connect(
    dialect: Dialect, _record: Any, arguments: list[Any], options: dict[str, Any]
) -> DBAPIConnection:
    """Connect to a file that exists, and let only its owner read it.

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


def _set_up(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin as one who writes, once it is this one's turn.

    IMMEDIATE takes the write lock at once: a transaction that began by reading could otherwise fail
    in the middle, when another had written in the meantime.
    """
    if connection.get_execution_options().get(READS_ONLY):
        return
    began = time.monotonic()
    until = began + (0 if IMPATIENT.get() else seconds_left(WRITER_SECONDS))
    try:
        _take_turn(connection, until)
        _take_lock(connection, until)
    except BaseException:
        _end(connection)
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


def _end(connection: Connection) -> None:
    """Let the next one ask; until this one's changes are durable it finds the file locked."""
    if not connection.invalidated:
        _end_turn(connection.connection.record_info or {})


def _end_turn(held: dict[str, Any]) -> None:
    if turn := held.pop(_HELD, None):
        turn.release()
