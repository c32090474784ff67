"""From columns to records, by name: no statement depends on the order of a record's fields."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from sqlalchemy.orm import InstrumentedAttribute

    from userapi.db.base import Base

R = TypeVar("R", bound="DataclassInstance")
AnyRow = Row[*tuple[Any, ...]]


def columns_of(
    model: type[Base], record: type[DataclassInstance], **others: InstrumentedAttribute[Any]
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
        values = source._mapping  # noqa: SLF001 - public: the name leaves columns all theirs
        return record(**{name: values[name] for name in _names_of(record)})
    return record(**{name: getattr(source, name) for name in _names_of(record)})


@cache
def _names_of(record: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(record))
