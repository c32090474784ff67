"""Many rows at once: PostgreSQL's COPY, and what comes closest to it on SQLite.

No statement has as many parameters as there are rows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import ColumnElement, Table, any_, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from userapi.db.base import UTCDateTime

AnyColumn = ColumnElement[Any]

_COPY = "COPY"
_KINDS: Mapping[type[psycopg.Error], type[DBAPIError]] = {
    psycopg.IntegrityError: IntegrityError,
    psycopg.DataError: DataError,
}
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def is_postgresql(session: Session) -> bool:
    """Say whether the session's database is PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def one_of(session: Session, column: AnyColumn, values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a column has one of very many values: a single parameter."""
    if is_postgresql(session):
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type)))
    listed = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(listed.c.value))


def insert_rows(
    session: Session, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows that have values for these columns; raise `IntegrityError`.

    Points in time are texts, as `kit.clock.timestamp` writes them.
    """
    if is_postgresql(session):
        _copy_in(session, table, names, rows)
    else:
        times = [name for name in names if isinstance(table.c[name].type, UTCDateTime)]
        values = [dict(zip(names, row, strict=True)) for row in rows]
        for value in values:
            for name in times:
                value[name] = value[name] and datetime.fromisoformat(value[name])
        session.connection().execute(insert(table), values)


def copied_rows(session: Session, query: str) -> Iterator[tuple[str | None, ...]]:
    """Yield what PostgreSQL answers to a query of ours, as texts, few of them in memory."""
    statement = sql.SQL("COPY ({}) TO STDOUT").format(sql.SQL(query))
    with _as_sqlalchemy(), _driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        yield from copy.rows()


def _copy_in(
    session: Session, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with _as_sqlalchemy(), _driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("".join(map(_copy_line, rows)))


@contextmanager
def _as_sqlalchemy() -> Iterator[None]:
    """Raise what the driver raises as SQLAlchemy would; what rows held is told to nobody."""
    try:
        yield
    except psycopg.Error as error:
        error.args = (error.diag.message_primary or type(error).__name__,)
        kinds = (kind for theirs, kind in _KINDS.items() if isinstance(error, theirs))
        kind = next(kinds, OperationalError)
        raise kind(_COPY, None, error, hide_parameters=True) from None


def _copy_line(row: Sequence[Any]) -> str:
    """Return a row as COPY takes it.

    psycopg would look at each value's type, and escape each, which costs several times as much.
    """
    line = "\t".join([_NULL if value is None else str(value) for value in row]) + "\n"
    is_plain = line.count("\t") == len(row) - 1 and line.count("\n") == 1
    if is_plain and line.count("\\") == row.count(None) and "\r" not in line:
        return line
    texts = [_NULL if value is None else str(value).translate(_ESCAPES) for value in row]
    return "\t".join(texts) + "\n"


def _driver(session: Session) -> psycopg.Connection[Any]:
    driver: Any = session.connection().connection.driver_connection
    return cast("psycopg.Connection[Any]", driver)
