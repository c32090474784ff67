"""What models are made of: the declarative base, the column types and the mixins."""

import uuid
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from userapi.kit.changes import UNSET
from userapi.kit.clock import utc_now

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite counts up only an INTEGER PRIMARY KEY; its integers are 64 bits wide all the same.
BigIntegerKey = BigInteger().with_variant(Integer(), "sqlite")


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time: timezone-aware in Python, UTC in every database.

    PostgreSQL stores a `timestamptz`. SQLite has no time zones: it stores the UTC wall clock,
    and the zone is put back when the value is read. Naive values are refused.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite gets it without the zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a point in time needs a time zone"
            raise ValueError(message)
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the value in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Leave PostgreSQL's values as they are: `db.engine` has them read in UTC."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Base(DeclarativeBase):
    """The base of every model."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    # What the database computes comes back with the statement, not by a later query.
    __mapper_args__: Any = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy's own way

    def apply(self, changes: Any) -> list[str]:
        """Set the columns to the given fields of `changes`; return the names of those that differ.

        The fields of `changes` have the columns' names; `UNSET` leaves a column as it is.
        """
        given = {field.name: getattr(changes, field.name) for field in fields(changes)}
        changed = [
            name
            for name, value in given.items()
            if value is not UNSET and value != getattr(self, name)
        ]
        for name in changed:
            setattr(self, name, given[name])
        return changed


def _time_of_creation(context: DefaultExecutionContext) -> datetime:
    # SQLAlchemy leaves this one method without types.
    created_at: datetime = context.get_current_parameters()["created_at"]  # type: ignore[no-untyped-call]
    return created_at


class IntegerKeyMixin:
    """A 64-bit integer primary key, given by the database and never reused.

    On SQLite that takes `sqlite_autoincrement` in the model's `__table_args__`.
    """

    id: Mapped[int] = mapped_column(BigIntegerKey, primary_key=True)


class UUIDKeyMixin:
    """A random UUID primary key."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True, default=uuid.uuid4)


class TimestampMixin:
    """When a row was made and last changed, in UTC."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(
        UTCDateTime(), default=_time_of_creation, onupdate=utc_now
    )


class VersionMixin:
    """A version, from 1, that every change of the row counts up.

    The statements say it too: UPDATE and DELETE ask for the version that was read.
    """

    version: Mapped[int] = mapped_column(BigInteger(), server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Let the mapper keep the version."""
        return {**Base.__mapper_args__, "version_id_col": cls.version}


class SoftDeleteMixin:
    """Rows that are marked as deleted instead of being removed."""

    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)

    @property
    def is_deleted(self) -> bool:
        """Whether the row is marked as deleted."""
        return self.deleted_at is not None

    def soft_delete(self, now: datetime) -> None:
        """Mark the row as deleted at `now`; a row already deleted keeps its time."""
        if self.deleted_at is None:
            self.deleted_at = now

    def restore(self) -> None:
        """Take the mark of deletion away."""
        self.deleted_at = None
