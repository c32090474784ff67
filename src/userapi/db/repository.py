"""What all repositories share: records by the columns' names, and flushing.

No statement depends on the order of a record's fields.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields, make_dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from sqlalchemy import ColumnElement, Insert, Row, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from userapi.db import waiting
from userapi.db.clock import DatabaseClock, DatabaseNow
from userapi.db.constraints import violated_constraint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from _typeshed import DataclassInstance
    from sqlalchemy.orm import InstrumentedAttribute
    from sqlalchemy.sql.base import Executable

    from userapi.db.base import Base
    from userapi.db.rows import AnyRow, AnySelect
    from userapi.db.session import ScopedSession, Session
    from userapi.kit.errors import DomainError

_FETCHED_AT_ONCE = 100

R = TypeVar("R", bound="DataclassInstance")


class Repository:
    """The base of the repositories; a subclass names the errors behind its constraints.

    Where the time decides, `_now` is the database's within a statement.
    """

    violations: ClassVar[dict[str, type[DomainError]]] = {}
    """From the name of a constraint or unique index to the error it stands for."""

    def __init__(self, *, db: ScopedSession, clock: DatabaseClock = DatabaseNow) -> None:
        self._scoped_session = db
        self._now = clock

    @property
    def _db(self) -> Session:
        return self._scoped_session()

    def _save(self, entity: Base, record: type[R]) -> R:
        """Insert or update `entity` now; return it as a record, with what the database gave it."""
        self._add(entity)
        return record_of(record, entity)

    def _add(self, entity: Base) -> None:
        """Send `entity` now: a broken rule is raised here, as the error that it stands for."""
        self._db.add(entity)
        with self._naming_violations():
            self._db.flush()

    def _insert(self, entity: Base) -> None:
        """Send a new `entity` now, as above, that nobody changes afterwards.

        It gets its key, and nothing else that the database gives it. The session does not come to
        know it, which takes half the time.
        """
        given, table = vars(entity), _table_of(type(entity))
        values = {name: given[name] for name in table.columns.keys() if name in given}  # noqa: SIM118 - iterating gives columns
        with self._naming_violations():
            key = self._scoped_session.insert(_insertion(table), values)
        for column, value in zip(table.primary_key, key, strict=True):
            setattr(entity, column.key, value)

    @contextmanager
    def _naming_violations(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            domain_error = self.violations.get(violated_constraint(error) or "")
            if domain_error is None:
                raise
            raise domain_error from error

    def _read(self, rows: Executable, **parameters: Any) -> Sequence[AnyRow]:
        """Return all `rows`; `parameters` are the values of what they leave open."""
        return self._scoped_session.read(rows, parameters)

    def _write(self, statement: Executable, **parameters: Any) -> Sequence[AnyRow]:
        """Change rows of which no entity is loaded; return what the statement returns of them."""
        return self._scoped_session.write(statement, parameters)

    def _one(self, rows: AnySelect, record: type[R], **parameters: Any) -> R | None:
        """Return the only one of `rows` as a record, None when there is none."""
        row = self._row(rows, **parameters)
        return None if row is None else record_of(record, row)

    def _row(self, rows: AnySelect, **parameters: Any) -> AnyRow | None:
        """Return the only one of `rows`, None when there is none."""
        (row,) = self._read(rows, **parameters) or (None,)
        return row

    def _value(self, rows: AnySelect, **parameters: Any) -> Any:
        """Return the first value of the only one of `rows`, None when there is none."""
        row = self._row(rows, **parameters)
        return None if row is None else row[0]

    def _time(self) -> datetime:
        """Return the database's time."""
        time: datetime = self._value(self._time_query)
        return time

    @cached_property
    def _time_query(self) -> AnySelect:
        return select(self._now())

    def _count(self, rows: AnySelect) -> int:
        """Return how many rows there are."""
        counted = select(func.count()).select_from(rows.order_by(None).subquery())
        return int(self._value(counted))

    def _each(self, rows: AnySelect, record: type[R]) -> Iterator[R]:
        """Yield each of `rows` as a record, few of them in memory; within a transaction."""
        # As long as somebody goes on reading them.
        waiting.begin(None)
        with self._db.execute(rows, execution_options={"yield_per": _FETCHED_AT_ONCE}) as found:
            for row in found:
                yield record_of(record, row)


def columns_of(
    model: type[Base],
    record: type[DataclassInstance],
    **others: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that make a `record`: those of `model` that have its fields' names.

    A field that comes from elsewhere is given by its name: `address=AuditClientInfo.address`.
    """
    return tuple(
        others[name].label(name) if name in others else getattr(model, name)
        for name in _names_of(record)
    )


def record_of(record: type[R], source: Base | AnyRow) -> R:
    """Make a `record` of a row's or a flushed model's values that have its fields' names."""
    if isinstance(source, Row):
        # Public: the name leaves columns all theirs.
        if _is_in_order(record, source._fields):
            return record(*source)
        values = source._mapping  # noqa: SLF001 - as above
        return record(**{name: values[name] for name in _names_of(record)})
    return record(**{name: getattr(source, name) for name in _names_of(record)})


def records_of(record: type[R], rows: Sequence[AnyRow]) -> list[R]:
    """Make a `record` of each row that one statement returned."""
    if not rows:
        return []
    # Public: the name leaves columns all theirs.
    columns = rows[0]._fields
    make, count = _maker_of(record), len(_names_of(record))
    if _is_in_order(record, columns):
        return [make(*row) for row in rows]
    if _is_in_order(record, columns[:count]):
        return [make(*row[:count]) for row in rows]
    return [record_of(record, row) for row in rows]


@cache
def _insertion(table: Table) -> Insert:
    return insert(table)


def _table_of(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


@cache
def _names_of(record: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))


@cache
def _maker_of(record: type[R]) -> Callable[..., R]:
    """Return what makes a record of its fields' values in order, as its class does.

    The class of a frozen record makes a call for each field. A twin that is not frozen, whose
    objects become records when they are filled, takes a quarter of the time.
    """
    is_usual = record.__bases__ == (object,) and not hasattr(record, "__post_init__")
    if not is_usual or "__slots__" not in vars(record):
        return record
    twin: Any = make_dataclass(record.__name__, _names_of(record), slots=True)

    def make(*values: Any) -> R:
        made: Any = twin(*values)
        made.__class__ = record
        filled: R = made
        return filled

    return make


@cache
def _is_in_order(record: type[DataclassInstance], columns: tuple[str, ...]) -> bool:
    """Say whether a row with such columns has the record's fields, and nothing else, in order."""
    is_by_place = not any(field.kw_only for field in fields(record))
    return is_by_place and columns == _names_of(record)
