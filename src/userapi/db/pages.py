"""Pages of lists, which cost the same wherever they are and however long the list is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, false, literal_column, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ClauseElement, Executable
from sqlalchemy.sql.visitors import InternalTraversal

from userapi.db.repository import Repository, record_of
from userapi.kit.cursor import Cursor
from userapi.kit.pagination import (
    COUNTED_ROWS,
    SKIPPED_ROWS,
    Counting,
    KeysetPage,
    KeysetRequest,
    Page,
    PageRequest,
    Relation,
    Total,
    keyset_page_of,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from userapi.db.rows import AnySelect
    from userapi.kit.cursor import Sort

_CERTAINLY_LONG = 10 * COUNTED_ROWS
"""A plan for so many rows, and there are more than are counted: it is not as far off as that."""

_SKIPPED_AT_ONCE = 1_000
"""Up to how many rows are skipped whole; of more, only what the list is sorted by is looked at."""

R = TypeVar("R", bound="DataclassInstance")


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


class PagedRepository(Repository):
    """The base of the repositories that have lists.

    A list's rows are selected by columns, and its records have all fields of its sort.
    """

    _was_long = False

    def _page(
        self, rows: AnySelect, request: PageRequest, *, sort: Sort, record: type[R]
    ) -> Page[R]:
        """Return one page of `rows` in that order, each made a record; raise `InvalidInput`."""
        wanted = self._wanted(rows, request, sort)
        items = [record_of(record, row) for row in self._read(wanted.limit(request.per_page + 1))]
        found = keyset_page_of(
            items, request.per_page, request.cursor, sort, has_before=request.offset > 0
        )
        total = self._total_beside(rows, request, found)
        return Page(
            items=found.items,
            page=request.page,
            per_page=request.per_page,
            total=total.rows,
            total_relation=total.relation,
            next=found.next,
            prev=found.prev,
            is_numbered=request.cursor is None,
        )

    def _keyset_page(
        self, rows: AnySelect, request: KeysetRequest, *, sort: Sort, record: type[R]
    ) -> KeysetPage[R]:
        """Return the wanted part of `rows` in that order, each made a record; none is counted."""
        # One more than is wanted tells whether there are others.
        wanted = _from(rows, request.cursor, sort).limit(request.limit + 1)
        found = [record_of(record, row) for row in self._read(wanted)]
        return keyset_page_of(found, request.limit, request.cursor, sort)

    def _wanted(self, rows: AnySelect, request: PageRequest, sort: Sort) -> AnySelect:
        """Return the rows from the beginning of the page on."""
        if request.cursor is not None:
            return _from(rows, request.cursor, sort)
        if request.offset > SKIPPED_ROWS:
            request.ensure_within_reach(self._total(rows))
        ordered = _from(rows, None, sort)
        if request.offset <= _SKIPPED_AT_ONCE:
            return ordered.offset(request.offset)
        # Where the page begins is found in an index alone, which has no more than is sorted by.
        places = ordered.with_only_columns(*_columns_of(rows, sort), maintain_column_froms=True)
        begin = self._row(places.offset(request.offset).limit(1))
        if begin is None:
            return rows.where(false())
        return _from(rows, Cursor(tuple(begin)), sort, is_inclusive=True)

    def _total_beside(self, rows: AnySelect, request: PageRequest, found: KeysetPage[Any]) -> Total:
        """Return how many rows there are, as exactly as is asked for.

        They are not counted where the page shows how many there are.
        """
        shown = _shown(request, found)
        if shown.relation is Relation.EQUAL or request.total is Counting.NONE:
            return shown
        return self._total(rows, is_exact=request.total is Counting.EXACT)

    def _total(self, rows: AnySelect, *, is_exact: bool = False) -> Total:
        """Return how many rows there are, exactly or, of many and on PostgreSQL, about so many."""
        is_cheap = self._db.get_bind().dialect.name == "postgresql"
        if is_exact or not is_cheap:
            return Total(self._count(rows))
        # A list that was long before is planned first, and not counted where it still is.
        if self._was_long and (estimated := self._estimated(rows)) >= _CERTAINLY_LONG:
            return Total(estimated, Relation.ESTIMATE)
        counted = self._count(_bare(rows).limit(COUNTED_ROWS + 1))
        self._was_long = counted > COUNTED_ROWS
        if not self._was_long:
            return Total(counted)
        return Total(max(self._estimated(rows), counted), Relation.ESTIMATE)

    def _estimated(self, rows: AnySelect) -> int:
        """Return how many rows PostgreSQL would plan for."""
        ((plan,),) = self._read(Explain(_bare(rows)))
        return int(plan[0]["Plan"]["Plan Rows"])


def _shown(request: PageRequest, found: KeysetPage[Any]) -> Total:
    """Return how many rows a page shows that there are."""
    before = 0 if request.cursor is not None else request.offset
    seen = before + len(found.items) if found.items else 0
    if found.next is not None:
        return Total(seen + 1, Relation.AT_LEAST)
    is_last = request.cursor is None and (bool(found.items) or before == 0)
    return Total(seen, Relation.EQUAL if is_last else Relation.AT_LEAST)


def _from(
    rows: AnySelect, cursor: Cursor | None, sort: Sort, *, is_inclusive: bool = False
) -> AnySelect:
    """Return the rows in the order of their distance from a place, on the cursor's side of it.

    All columns are compared at once: a comparison of each with `OR` finds its rows by no index.
    """
    columns = _columns_of(rows, sort)
    is_backward = cursor is not None and cursor.is_backward
    is_descending = sort.is_descending is not is_backward
    if cursor is not None:
        place, values = tuple_(*columns), cursor.values
        if is_inclusive:
            rows = rows.where(place <= values if is_descending else place >= values)
        else:
            rows = rows.where(place < values if is_descending else place > values)
    return rows.order_by(*(it.desc() if is_descending else it.asc() for it in columns))


def _bare(rows: AnySelect) -> AnySelect:
    """Return the rows without what is read of them."""
    bare: AnySelect = rows.order_by(None).with_only_columns(
        literal_column("1"), maintain_column_froms=True
    )
    return bare


def _columns_of(rows: AnySelect, sort: Sort) -> list[ColumnElement[Any]]:
    return [rows.selected_columns[name] for name in sort.fields]


@compiles(Explain, "postgresql")
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"
