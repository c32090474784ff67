"""Pages of lists, which cost the same wherever they are and however long the list is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from userapi.db.list_statements import (
    COUNT_COLUMN,
    Begin,
    all_of,
    begin_statement,
    count_statement,
    count_values,
    page_statement,
    place_values,
    plan_statement,
    skipping,
)
from userapi.db.repository import Repository, records_of
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
    from collections.abc import Mapping, Sequence

    from _typeshed import DataclassInstance

    from userapi.db.rows import AnyRow, AnySelect
    from userapi.kit.cursor import Sort

_CERTAINLY_LONG = 10 * COUNTED_ROWS
"""A plan for so many rows, and there are more than are counted: it is not as far off as that."""

_CERTAINLY_COMMON = 3 * COUNTED_ROWS
"""The same where the plan has statistics of what is looked for in a thousand rows."""

_SKIPPED_AT_ONCE = 1_000
"""Up to how many rows are skipped whole; of more, only what the list is sorted by is looked at."""

R = TypeVar("R", bound="DataclassInstance")


class PagedRepository(Repository):
    """The base of the repositories that have lists.

    A list's rows are selected by columns, and its records have all fields of its sort. Statements
    are built once for `rows` that are the same object each time; what those leave open, such as
    whose rows they are, is handed in as `values`.
    """

    _was_long = False

    def _page(
        self, rows: AnySelect, request: PageRequest, *, sort: Sort, record: type[R], **values: Any
    ) -> Page[R]:
        """Return one page of `rows` in that order, each made a record; raise `InvalidInput`."""
        is_far = request.cursor is None and request.offset > min(SKIPPED_ROWS, _SKIPPED_AT_ONCE)
        read_page = self._read_far_page if is_far else self._read_near_page
        read, counted = read_page(rows, request, sort, values)
        items, has_before = records_of(record, read), request.offset > 0
        found = keyset_page_of(items, request.per_page, request.cursor, sort, has_before=has_before)
        total = counted or _at_least(request, found)
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

    def _found_page(
        self, rows: AnySelect, request: PageRequest, *, sort: Sort, record: type[R], **values: Any
    ) -> Page[R]:
        """Return one page of `rows` that PostgreSQL finds by an index with good statistics.

        Of many the list's own index leads to the page. Few are found and sorted, all of them:
        whether their places in the list's index are near is not known.
        """
        estimated = self._estimated(rows, values)
        is_common = estimated >= _CERTAINLY_COMMON
        wanted = replace(request, total=Counting.NONE)
        of_these = rows if is_common else all_of(rows)
        page = self._page(of_these, wanted, sort=sort, record=record, **values)
        if is_common and request.total is Counting.ESTIMATE:
            total = Total(max(estimated, page.total), Relation.ESTIMATE)
        elif request.total is Counting.NONE or page.total_relation is Relation.EQUAL:
            return page
        else:
            total = self._total(rows, values, is_exact=request.total is Counting.EXACT)
        return replace(page, total=total.rows, total_relation=total.relation)

    def _keyset_page(
        self,
        rows: AnySelect,
        request: KeysetRequest,
        *,
        sort: Sort,
        record: type[R],
        **values: Any,
    ) -> KeysetPage[R]:
        """Return the wanted part of `rows` in that order, each made a record; none is counted."""
        statement = page_statement(rows, sort, Begin.of(request.cursor))
        # One more than is wanted tells whether there are others.
        place = place_values(sort, request.cursor, size=request.limit + 1)
        found = records_of(record, self._read(statement, **values, **place))
        return keyset_page_of(found, request.limit, request.cursor, sort)

    def _read_near_page(
        self, rows: AnySelect, request: PageRequest, sort: Sort, values: Mapping[str, Any]
    ) -> tuple[Sequence[AnyRow], Total | None]:
        """Return the rows of a page and, from the same statement where that is quick, the total."""
        counting = self._counted_along(request.total)
        begin = Begin.SKIP if request.offset and not request.cursor else Begin.of(request.cursor)
        statement = page_statement(rows, sort, begin, counting)
        size, skipped = request.per_page + 1, request.offset
        place = place_values(sort, request.cursor, size=size, skipped=skipped)
        read = self._read(statement, **values, **place, **_most(counting))
        if not read and not request.offset and request.cursor is None:
            return read, Total(0)
        if counting is Counting.NONE or not read:
            return read, self._counted(rows, request.total, values)
        # Public: the name leaves columns all theirs.
        count = read[0]._mapping[COUNT_COLUMN]  # noqa: SLF001 - as above
        return read, self._total_of(rows, count, counting, values)

    def _read_far_page(
        self, rows: AnySelect, request: PageRequest, sort: Sort, values: Mapping[str, Any]
    ) -> tuple[Sequence[AnyRow], Total | None]:
        """Return the rows of a page far from the beginning, and the total."""
        total = self._counted(rows, request.total, values)
        if request.offset > SKIPPED_ROWS:
            known = total or self._total(rows, values)
            request.ensure_within_reach(known)
        begin = self._row(begin_statement(rows, sort), **values, **skipping(request.offset))
        if begin is None:
            return [], total
        place = place_values(sort, Cursor(tuple(begin)), size=request.per_page + 1)
        return self._read(page_statement(rows, sort, Begin.AT), **values, **place), total

    def _counted_along(self, wanted: Counting) -> Counting:
        """Return how the rows are counted in the statement that reads a page."""
        if wanted is not Counting.ESTIMATE or not self._counts_cheaply:
            return wanted if wanted is Counting.NONE else Counting.EXACT
        # A list that was long before is planned first, and not counted where it still is.
        return Counting.NONE if self._was_long else Counting.ESTIMATE

    def _counted(
        self, rows: AnySelect, wanted: Counting, values: Mapping[str, Any]
    ) -> Total | None:
        """Return how many rows there are, as exactly as is asked for; None for nothing."""
        if wanted is Counting.NONE:
            return None
        return self._total(rows, values, is_exact=wanted is Counting.EXACT)

    def _total(
        self, rows: AnySelect, values: Mapping[str, Any], *, is_exact: bool = False
    ) -> Total:
        """Return how many rows there are, exactly or, of many and on PostgreSQL, about so many."""
        is_exact = is_exact or not self._counts_cheaply
        if not is_exact and self._was_long:
            estimated = self._estimated(rows, values)
            if estimated >= _CERTAINLY_LONG:
                return Total(estimated, Relation.ESTIMATE)
        counting = Counting.EXACT if is_exact else Counting.ESTIMATE
        count = self._value(count_statement(rows, counting), **values, **_most(counting))
        return self._total_of(rows, count, counting, values)

    def _total_of(
        self, rows: AnySelect, count: int, counting: Counting, values: Mapping[str, Any]
    ) -> Total:
        """Return how many rows there are of which so many were counted."""
        if counting is Counting.EXACT:
            return Total(count)
        self._was_long = count > COUNTED_ROWS
        if not self._was_long:
            return Total(count)
        estimated = self._estimated(rows, values)
        if estimated <= count:  # what PostgreSQL guesses where it has no statistics
            return Total(count, Relation.AT_LEAST)
        return Total(estimated, Relation.ESTIMATE)

    def _estimated(self, rows: AnySelect, values: Mapping[str, Any]) -> int:
        """Return how many rows PostgreSQL would plan for."""
        ((plan,),) = self._read(plan_statement(rows), **values)
        return int(plan[0]["Plan"]["Plan Rows"])

    @property
    def _counts_cheaply(self) -> bool:
        """Whether the database can count up to a number, and tell about how many there are."""
        return self._scoped_session.dialect_name == "postgresql"


def _most(counting: Counting) -> dict[str, int]:
    return count_values(counting, COUNTED_ROWS + 1)


def _at_least(request: PageRequest, found: KeysetPage[Any]) -> Total:
    """Return what is known without counting."""
    before = 0 if request.cursor is not None else request.offset
    seen = before + len(found.items) if found.items else 0
    if found.next is not None:
        return Total(seen + 1, Relation.AT_LEAST)
    is_whole = request.cursor is None and (bool(found.items) or not before)
    return Total(seen, Relation.EQUAL if is_whole else Relation.AT_LEAST)
