"""The tables `audit_events` and `audit_origins`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, BigIntegerKey, IntegerKeyMixin, UTCDateTime

EVENT_LENGTH = 40
OBJECT_ID_LENGTH = 64
REQUEST_ID_LENGTH = 64
ADDRESS_LENGTH = 45
USER_AGENT_LENGTH = 500


class AuditEvent(IntegerKeyMixin, Base):
    """Something that happened. It is never changed, and outlives whatever its ids name."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_occurred_at_id", "occurred_at", "id"),
        Index("ix_audit_events_subject_id_occurred_at_id", "subject_id", "occurred_at", "id"),
        Index("ix_audit_events_actor_id_occurred_at_id", "actor_id", "occurred_at", "id"),
        Index("ix_audit_events_event_occurred_at_id", "event", "occurred_at", "id"),
        {"sqlite_autoincrement": True, "info": {"append_only": True}},
    )

    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime())
    event: Mapped[str] = mapped_column(String(EVENT_LENGTH))
    # Plain ids, no foreign keys: who is gone stays named.
    actor_id: Mapped[int | None] = mapped_column(BigInteger())
    subject_id: Mapped[int | None] = mapped_column(BigInteger())
    object_id: Mapped[str | None] = mapped_column(String(OBJECT_ID_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(REQUEST_ID_LENGTH))
    details: Mapped[dict[str, Any]] = mapped_column(JSON())


class AuditClientInfo(Base):
    """Where an event came from: personal data, stored apart so that it can be deleted."""

    __tablename__ = "audit_origins"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own way

    event_id: Mapped[int] = mapped_column(
        BigIntegerKey, ForeignKey("audit_events.id"), primary_key=True, autoincrement=False
    )
    address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    user_agent: Mapped[str | None] = mapped_column(String(USER_AGENT_LENGTH))
