"""What all repositories share: adding, flushing, and pages."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from userapi.db.base import Base
from userapi.db.constraints import violated_constraint
from userapi.db.session import ScopedSession, Session
from userapi.kit.errors import DomainError
from userapi.kit.pagination import Cursor, KeysetPage, KeysetRequest, Page, PageRequest

R = TypeVar("R")
AnyRow = Row[*tuple[Any, ...]]
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

    def _add(self, entity: Base) -> None:
        """Insert `entity` now, so that a broken rule shows here."""
        self._session.add(entity)
        self.flush()

    def flush(self) -> None:
        """Send pending changes; a broken rule is raised as the error it stands for."""
        try:
            self._session.flush()
        except IntegrityError as error:
            domain_error = self.violations.get(violated_constraint(error) or "")
            if domain_error is None:
                raise
            raise domain_error from error

    def _page(
        self,
        rows: AnySelect,
        request: PageRequest,
        *,
        order_by: tuple[ColumnElement[Any], ...],
        record: Callable[[AnyRow], R],
    ) -> Page[R]:
        """Return one page of `rows` in that order, each made a record, and count them all."""
        counted = select(func.count()).select_from(rows.order_by(None).subquery())
        total = self._session.scalar(counted) or 0
        wanted = rows.order_by(*order_by).limit(request.per_page).offset(request.offset)
        items = [record(row) for row in self._session.execute(wanted)]
        return Page(items=items, page=request.page, per_page=request.per_page, total=total)

    def _keyset_page(
        self, rows: AnySelect, request: KeysetRequest, *, record: Callable[[AnyRow], R]
    ) -> KeysetPage[R]:
        """Return the wanted part of `rows`, newest first, each made a record; nothing is counted.

        The first two columns of `rows` are its order: a time and an id.
        """
        time, row_id = rows.selected_columns[:2]
        if request.cursor is not None:
            after = (request.cursor.time, request.cursor.id)
            rows = rows.where(tuple_(time, row_id) < after)
        # One more than is wanted tells whether there is a next page.
        wanted = rows.order_by(time.desc(), row_id.desc()).limit(request.limit + 1)
        found = self._session.execute(wanted).all()
        items = found[: request.limit]
        next_cursor = Cursor(*items[-1][:2]) if len(found) > len(items) else None
        return KeysetPage(items=[record(row) for row in items], next_cursor=next_cursor)
