"""The database's clock: the only one that all hosts share.

Times that decide whether a session is alive are compared with it, in the statement that decides.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from userapi.db.base import UTCDateTime

DatabaseClock = Callable[[], ColumnElement[datetime]]
"""A function that returns the current time as an expression of SQL."""


class DatabaseNow(FunctionElement[datetime]):
    """When the statement began that it stands in; implements `DatabaseClock`."""

    name = "database_now"
    inherit_cache = True
    type = UTCDateTime()


@compiles(DatabaseNow, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    # As SQLAlchemy stores a time: SQLite compares texts.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


@compiles(DatabaseNow, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    return "statement_timestamp()"
