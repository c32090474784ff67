"""Connections to an SQLite file, which its owner only may read."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from userapi.kit.files import restrict_to_owner

MISSING_FILE = "there is no file"
"""How the error begins where the file of an SQLite database is missing."""


def listen(engine: Engine) -> None:
    """Have all connections of an engine made so."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "connect", _set_up)


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
