"""Many ids in a statement, as one value: it is the same statement for any number of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, String, cast, column, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

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
