"""The `idempotency_keys` table."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime

CALLER_LENGTH = 32
OPERATION_LENGTH = 200
KEY_LENGTH = 255
FINGERPRINT_LENGTH = 64
RESOURCE_LENGTH = 200


class IdempotencyKey(Base):
    """A request that may be sent again. Without a status it is running, held by `owner`.

    `resource` is what its answer tells of: what it created. `mismatches` counts the requests that
    came with the same key and another body.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint(
            "(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)",
            name="answer_is_whole",
        ),
        Index("ix_idempotency_keys_expires_at", "expires_at"),
        Index("ix_idempotency_keys_resource", "resource"),
    )

    caller: Mapped[str] = mapped_column(String(CALLER_LENGTH), primary_key=True)
    operation: Mapped[str] = mapped_column(String(OPERATION_LENGTH), primary_key=True)
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(FINGERPRINT_LENGTH))
    owner: Mapped[uuid.UUID] = mapped_column(Uuid())
    held_until: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    body: Mapped[str | None] = mapped_column(Text())
    resource: Mapped[str | None] = mapped_column(String(RESOURCE_LENGTH))
    mismatches: Mapped[int] = mapped_column(server_default="0")
