"""Many ids in a statement, as one value: it is the same statement for any number of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    ScalarSelect,
    String,
    cast,
    column,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import InternalTraversal

from userapi.db.rows import AnySelect


class _JsonItems(FunctionElement[Any]):
    """The items of a JSON array, each a row."""

    name = "json_items"
    inherit_cache = True


@compiles(_JsonItems, "sqlite")
def _sqlite_items(element: _JsonItems, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_JsonItems, "postgresql")
def _postgresql_items(element: _JsonItems, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **kwargs)} AS JSON))"


class _Among(ColumnElement[bool]):
    """Whether an id is one of a query's, which PostgreSQL asks once for the whole statement.

    It looks once more at each row that somebody changed while the statement waited for it; what
    `IN` compares with is then read anew for every one of them.
    """

    inherit_cache = True
    type = Boolean()
    # SQLite has no Booleans: without this it is asked whether `IN` gives 1, and finds no index.
    _is_implicitly_boolean = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own way
        ("id", InternalTraversal.dp_clauseelement),
        ("ids", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, an_id: ColumnElement[int], ids: ScalarSelect[Any]) -> None:
        self.id = an_id
        self.ids = ids


@compiles(_Among, "sqlite")
def _sqlite_among(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{compiler.process(element.id, **kwargs)} IN {compiler.process(element.ids, **kwargs)}"


@compiles(_Among, "postgresql")
def _postgresql_among(element: _Among, compiler: SQLCompiler, **kwargs: Any) -> str:
    an_id, ids = (compiler.process(it, **kwargs) for it in (element.id, element.ids))
    return f"{an_id} = ANY (ARRAY{ids})"


def is_among(an_id: Any, ids: Any) -> ColumnElement[bool]:
    """Return whether an id is one of those that a query returns, which depends on no row."""
    return _Among(an_id, ids.scalar_subquery())


def rows_of_ids(ids: Collection[int]) -> AnySelect:
    """Return the query of these ids, one in each row, as `id`."""
    return rows_of_id_list(literal(id_list(ids), String()))


def rows_of_id_list(ids: Any) -> AnySelect:
    """Return the query of the ids of an `id_list`, perhaps of one that is given later."""
    items = _JsonItems(ids).table_valued(column("value", String()))
    query: AnySelect = select(cast(items.c.value, BigInteger()).label("id"))
    return query


def id_list(ids: Collection[int]) -> str:
    """Return these ids as the value that a statement takes."""
    return json.dumps(list(ids))
