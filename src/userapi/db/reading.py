"""Reads outside a transaction: one statement on a connection in autocommit, without a session.

Nothing is asked of a connection before it is used. One that died is replaced, and the statement
is sent once more: to read twice does no harm.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


def read(
    bind: Engine | Connection, statement: AnySelect, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    """Return the rows of a select, on a connection of an engine or on the one that is given.

    Raises `RuntimeError` for a statement that takes a lock, which would be gone at once.
    """
    if statement._for_update_arg is not None:  # noqa: SLF001 - it has no public name
        message = "locks need an open transaction"
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
    engine: Engine, statement: AnySelect, parameters: Mapping[str, Any]
) -> Sequence[AnyRow]:
    with engine.connect() as connection:
        return connection.execute(statement, parameters).all()
