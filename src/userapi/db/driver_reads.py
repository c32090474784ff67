"""Reads of statements that are built once, for which PostgreSQL's driver is asked directly.

SQLAlchemy makes the SQL, once, and has the connections and the types. What it does around each
statement that it runs, whatever that may be, takes more than twice as long as the driver. Where
anything is out of the ordinary, it is left to SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Engine, Select
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import OperationalError

from userapi.db.postgresql import DeadlineExceeded
from userapi.db.unit_of_work import needs_transaction, read_in_autocommit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.pool import PoolProxiedConnection
    from sqlalchemy.sql.base import Executable
    from sqlalchemy.types import TypeEngine

    from userapi.db.rows import AnyRow, AnySelect

AutocommitRead = Callable[
    ["Engine | Connection", "Executable", "Mapping[str, Any]"], "Sequence[AnyRow]"
]
"""Returns the rows of a select with its parameters."""

_DOUBLE = psycopg.postgres.types["float8"].oid
_OFTEN = 3
"""How often a statement is sent before it is taken for one that is always the same object."""


class DriverRead:
    """A select of columns as the driver takes it."""

    def __init__(self, statement: AnySelect, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        columns, binds = list(statement.selected_columns), compiled.binds
        names = [str(column.key) for column in columns]
        self._sql = str(compiled)
        self._metadata = SimpleResultMetaData(names)
        self._write = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in binds.items()
        }
        known = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._known = self._written(known)
        self.is_fit = not (
            # What is put into the SQL or computed when it is sent differs each time.
            compiled.post_compile_params
            or any(bind.callable for bind in binds.values())
            # What SQLAlchemy writes or reads in a way of its own.
            or compiled.escaped_bind_names
            or len(set(names)) < len(names)
            or any(_reader(column.type, dialect) for column in columns)
        )

    def rows(self, engine: Engine, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        """Return the rows.

        Raises errors of the driver, and those of SQLAlchemy where there is no connection.
        """
        values = {**self._known, **self._written(parameters)}
        connection = _connection(engine)
        try:
            cursor: Any = connection.cursor()
            # In binary form a page of a hundred users comes in a sixth less time.
            cursor.execute(self._sql, values, binary=True)
            rows = cursor.fetchall()
        except psycopg.Error as error:
            if getattr(connection.driver_connection, "closed", True):
                connection.invalidate(error)
            raise
        except BaseException as error:
            connection.invalidate(error)  # nobody knows what it still waits for
            raise
        finally:
            connection.close()
        return IteratorResult(self._metadata, iter(rows)).all()

    def _written(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value if (write := self._write.get(name)) is None else write(value)
            for name, value in parameters.items()
        }


class DriverReads:
    """What is known of statements: how the driver is asked, or how often SQLAlchemy was."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Executable, DriverRead | int | None] = WeakKeyDictionary()

    def read(
        self, bind: Engine | Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> Sequence[AnyRow]:
        """Return the rows of a select, in autocommit; raises what `read_in_autocommit` does.

        SQLAlchemy is asked where the driver cannot be, and where something went wrong: it tells
        what it was, or gets through, with all connections of that age replaced where one has died.
        """
        # Not on a connection of the caller's, as tests have.
        if isinstance(bind, Engine) and not needs_transaction(statement):
            read = self._find(bind, statement)
            if read is not None:
                try:
                    return read.rows(bind, parameters)
                except (DeadlineExceeded, psycopg.errors.QueryCanceled) as error:
                    raise OperationalError(None, None, error) from error
                except psycopg.Error:
                    pass  # see above
        return read_in_autocommit(bind, statement, parameters)

    def _find(self, engine: Engine, statement: Executable) -> DriverRead | None:
        """Return how the driver is asked; None where SQLAlchemy has to be.

        It has to where somebody listens to what is sent, and for statements that were just built.
        """
        heard: Any = engine.dispatch
        if heard.before_cursor_execute:
            return None
        known = self._known.get(statement, 0)
        if not isinstance(known, int):
            return known
        read = self._prepared(engine, statement) if known >= _OFTEN else None
        self._known[statement] = known + 1 if known < _OFTEN else read
        return read

    @staticmethod
    def _prepared(engine: Engine, statement: Executable) -> DriverRead | None:
        is_prepared = statement.get_execution_options().get("is_prepared", True)
        if not isinstance(statement, Select) or not is_prepared:
            return None
        read = DriverRead(statement, engine.dialect)
        return read if read.is_fit else None


def autocommit_reader(engine: Engine) -> AutocommitRead:
    """Return what reads in autocommit on such an engine, or on a connection of the caller's."""
    return DriverReads().read if engine.dialect.name == "postgresql" else read_in_autocommit


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # Only numbers ask which type of PostgreSQL's it is: as such the service has none but this.
    return kind.dialect_impl(dialect).result_processor(dialect, _DOUBLE)


def _connection(engine: Engine) -> PoolProxiedConnection:
    try:
        return engine.raw_connection()
    except psycopg.Error as error:
        raise OperationalError(None, None, error) from error
