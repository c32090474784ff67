"""The statements that read lists: built once, with what differs between two pages left open."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable
from sqlalchemy.sql.visitors import InternalTraversal

from userapi.kit.pagination import Counting

if TYPE_CHECKING:
    from userapi.db.rows import AnySelect
    from userapi.kit.cursor import Cursor, Sort

COUNT_COLUMN = "rows_counted"
"""The column of a page with the number of rows of its list, the same in each row."""

_KEPT = 64
"""More than there are lists, with the ways to read them."""

_SIZE = bindparam("page_size", type_=Integer())
_SKIPPED = bindparam("rows_skipped", type_=Integer())
_MOST = bindparam("rows_counted_at_most", type_=Integer())


class Begin(StrEnum):
    """Where a page begins."""

    FIRST = "first"
    SKIP = "skip"  # after so many rows
    AFTER = "after"
    BEFORE = "before"
    AT = "at"  # with that very row

    @classmethod
    def of(cls, cursor: Cursor | None) -> Self:
        """Return where a page begins that is asked for by a cursor, or by none."""
        if cursor is None:
            return cls("first")
        return cls("before" if cursor.is_backward else "after")


class Explain(Executable, ClauseElement):
    """PostgreSQL's plan of a statement, as JSON; the statement is not run."""

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - SQLAlchemy's own way
        ("statement", InternalTraversal.dp_clauseelement)
    ]
    # What SQLAlchemy looks for when it finds the statement among those that it has compiled.
    _all_selected_columns = ()

    def __init__(self, statement: AnySelect) -> None:
        self.statement = statement


@lru_cache(_KEPT)
def page_statement(
    rows: AnySelect, sort: Sort, begin: Begin, counting: Counting = Counting.NONE
) -> AnySelect:
    """Return what reads a page of `rows` in that order, with how many rows the list has.

    A page that ends before a place is read backwards, from that place on. `place_values` has what
    is open, and `count_values` what the number leaves open.
    """
    page = _from(rows, sort, begin).limit(_SIZE)
    if counting is Counting.NONE:
        return page
    count: AnySelect = _count_of(rows, counting)
    return page.add_columns(count.scalar_subquery().label(COUNT_COLUMN))


@lru_cache(_KEPT)
def begin_statement(rows: AnySelect, sort: Sort) -> AnySelect:
    """Return what finds the place of the row after so many rows.

    It is found in an index alone, which has no more than is sorted by.
    """
    columns = [column for _, column in _named_columns(rows, sort)]
    places: AnySelect = _from(rows, sort, Begin.SKIP).with_only_columns(
        *columns, maintain_column_froms=True
    )
    return places.limit(1)


@lru_cache(_KEPT)
def count_statement(rows: AnySelect, counting: Counting) -> AnySelect:
    """Return what counts the rows: all of them, or as many as `count_values` says at most."""
    return _count_of(rows, counting)


@lru_cache(_KEPT)
def all_of(rows: AnySelect) -> AnySelect:
    """Return the rows, planned as if all of them were wanted."""
    every: AnySelect = select(rows.offset(literal_column("0")).subquery())
    return every.execution_options(**rows.get_execution_options())


@lru_cache(_KEPT)
def plan_statement(rows: AnySelect) -> Explain:
    """Return what plans to read the rows."""
    return Explain(_bare(rows))


def place_values(
    sort: Sort, cursor: Cursor | None, *, size: int, skipped: int = 0
) -> dict[str, Any]:
    """Return what a page's statement leaves open: its place in the list, and its size."""
    values: dict[str, Any] = {_SIZE.key: size}
    if cursor is not None:
        return values | dict(zip(map(_name_of, sort.fields), cursor.values, strict=True))
    return values | {_SKIPPED.key: skipped} if skipped else values


def skipping(rows: int) -> dict[str, int]:
    """Return what `begin_statement` leaves open."""
    return {_SKIPPED.key: rows}


def count_values(counting: Counting, most: int) -> dict[str, int]:
    """Return what a count leaves open: that it goes up to so many rows, unless it is exact."""
    return {_MOST.key: most} if counting is Counting.ESTIMATE else {}


def _from(rows: AnySelect, sort: Sort, begin: Begin) -> AnySelect:
    """Return the rows in the order of their distance from where the page begins.

    All columns are compared at once: a comparison of each with `OR` finds its rows by no index.
    """
    columns = [_folded(it, name, sort) for name, it in _named_columns(rows, sort)]
    is_descending = sort.is_descending is not (begin is Begin.BEFORE)
    if begin in (Begin.AFTER, Begin.BEFORE, Begin.AT):
        place = tuple_(*columns)
        given = tuple_(
            *(
                _folded(bindparam(_name_of(name), type_=it.type), name, sort)
                for name, it in _named_columns(rows, sort)
            )
        )
        if begin is Begin.AT:
            rows = rows.where(place <= given if is_descending else place >= given)
        else:
            rows = rows.where(place < given if is_descending else place > given)
    ordered = rows.order_by(*(it.desc() if is_descending else it.asc() for it in columns))
    return ordered.offset(_SKIPPED) if begin is Begin.SKIP else ordered


def _count_of(rows: AnySelect, counting: Counting) -> AnySelect:
    bare = _bare(rows)
    counted = bare.limit(_MOST) if counting is Counting.ESTIMATE else bare
    return select(func.count()).select_from(counted.subquery())


def _bare(rows: AnySelect) -> AnySelect:
    """Return the rows without what is read of them."""
    bare: AnySelect = rows.order_by(None).with_only_columns(
        literal_column("1"), maintain_column_froms=True
    )
    return bare


def _named_columns(rows: AnySelect, sort: Sort) -> list[tuple[str, ColumnElement[Any]]]:
    return [(name, rows.selected_columns[name]) for name in sort.fields]


def _folded(value: ColumnElement[Any], name: str, sort: Sort) -> ColumnElement[Any]:
    """Return what is compared of what a column has."""
    return func.lower(value) if name in sort.folded else value


def _name_of(field: str) -> str:
    return f"{field}_of_place"


@compiles(Explain, "postgresql")
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"
