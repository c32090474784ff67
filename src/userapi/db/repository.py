"""What all repositories share: records, flushing, and pages."""

from typing import Any, ClassVar, TypeVar

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from userapi.db.base import Base
from userapi.db.columns import record_of
from userapi.db.constraints import violated_constraint
from userapi.db.session import ScopedSession, Session
from userapi.kit.cursor import Sort
from userapi.kit.errors import DomainError
from userapi.kit.pagination import KeysetPage, KeysetRequest, Page, PageRequest

R = TypeVar("R", bound=Any)
AnySelect = Select[*tuple[Any, ...]]


class Repository:
    """The base of the repositories; a subclass names the errors behind its constraints."""

    violations: ClassVar[dict[str, type[DomainError]]] = {}
    """From the name of a constraint or unique index to the error it stands for."""

    def __init__(self, *, session: ScopedSession) -> None:
        self._scoped_session = session

    @property
    def _session(self) -> Session:
        return self._scoped_session()

    def _save(self, entity: Base, record: type[R]) -> R:
        """Insert or update `entity` now; return it as a record, with what the database gave it."""
        self._add(entity)
        return record_of(record, entity)

    def _add(self, entity: Base) -> None:
        """Send `entity` now: a broken rule is raised here, as the error that it stands for."""
        self._session.add(entity)
        try:
            self._session.flush()
        except IntegrityError as error:
            domain_error = self.violations.get(violated_constraint(error) or "")
            if domain_error is None:
                raise
            raise domain_error from error

    def _one(self, rows: AnySelect, record: type[R]) -> R | None:
        """Return the only one of `rows` as a record, None when there is none."""
        row = self._session.execute(rows).one_or_none()
        return None if row is None else record_of(record, row)

    def _page(
        self, rows: AnySelect, request: PageRequest, *, sort: Sort, record: type[R]
    ) -> Page[R]:
        """Return one page of `rows` in that order, each made a record, and count them all."""
        counted = select(func.count()).select_from(rows.order_by(None).subquery())
        total = self._session.scalar(counted) or 0
        wanted = _sorted(rows, sort).limit(request.per_page).offset(request.offset)
        items = [record_of(record, row) for row in self._session.execute(wanted)]
        return Page(items=items, page=request.page, per_page=request.per_page, total=total)

    def _keyset_page(
        self, rows: AnySelect, request: KeysetRequest, *, sort: Sort, record: type[R]
    ) -> KeysetPage[R]:
        """Return the wanted part of `rows` in that order, each made a record; none is counted.

        The record has all fields of `sort`.
        """
        if request.cursor is not None:
            place = tuple_(*_columns_of(rows, sort))
            after = request.cursor.values
            rows = rows.where(place < after if sort.is_descending else place > after)
        # One more than is wanted tells whether there is a next page.
        wanted = _sorted(rows, sort).limit(request.limit + 1)
        found = [record_of(record, row) for row in self._session.execute(wanted)]
        items = found[: request.limit]
        next_cursor = sort.place_of(items[-1]) if len(found) > len(items) else None
        return KeysetPage(items=items, next_cursor=next_cursor)


def _columns_of(rows: AnySelect, sort: Sort) -> list[ColumnElement[Any]]:
    return [rows.selected_columns[name] for name in sort.fields]


def _sorted(rows: AnySelect, sort: Sort) -> AnySelect:
    columns = _columns_of(rows, sort)
    return rows.order_by(
        *(column.desc() if sort.is_descending else column.asc() for column in columns)
    )
