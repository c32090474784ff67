"""The tables `imports`, `import_parts` and `import_refusals`."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin

WORD_LENGTH = 16
DIGEST_LENGTH = 64
FAILURE_LENGTH = 200
REASON_LENGTH = 50


class Import(UUIDKeyMixin, Base):
    """Users that come in from a file: how, and how far it is.

    The counts, and `digest`, that of the file until there, are written with the rows they count.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('receiving', 'running', 'done', 'failed', 'cancelled')",
            name="state_is_known",
        ),
        Index("ix_imports_order", "created_at", "id"),
        Index("ix_imports_requested_by", "requested_by"),
        Index("ix_imports_ended_at", "ended_at"),
    )

    state: Mapped[str] = mapped_column(String(WORD_LENGTH))
    format: Mapped[str] = mapped_column(String(WORD_LENGTH))
    on_duplicate: Mapped[str] = mapped_column(String(WORD_LENGTH))
    keeps_ids: Mapped[bool]
    is_dry_run: Mapped[bool]
    # None: the operator.
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    parts: Mapped[int] = mapped_column(Integer(), default=0)
    size: Mapped[int] = mapped_column(BigInteger(), default=0)
    rows_read: Mapped[int] = mapped_column(BigInteger(), default=0)
    created: Mapped[int] = mapped_column(BigInteger(), default=0)
    updated: Mapped[int] = mapped_column(BigInteger(), default=0)
    skipped: Mapped[int] = mapped_column(BigInteger(), default=0)
    refused: Mapped[int] = mapped_column(BigInteger(), default=0)
    digest: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH), default=None)
    failure: Mapped[str | None] = mapped_column(String(FAILURE_LENGTH), default=None)
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSON(), default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)


class ImportRefusal(Base):
    """A row that was refused, and why; nothing of what it held. It goes with its import."""

    __tablename__ = "import_refusals"

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    row: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    field: Mapped[str | None] = mapped_column(String(REASON_LENGTH), default=None)
    code: Mapped[str] = mapped_column(String(REASON_LENGTH))
    detail: Mapped[str] = mapped_column(String(FAILURE_LENGTH))


class ImportPart(Base):
    """A part of a file that came over HTTP; it goes when the import is over."""

    __tablename__ = "import_parts"

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer(), primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary())
