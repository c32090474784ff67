"""The `sessions` table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, TimestampMixin, UUIDKeyMixin
from userapi.db.types import UTCDateTime


class Session(UUIDKeyMixin, TimestampMixin, Base):
    """One login. Its tokens name it, and work only while it is neither revoked nor expired."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expiry_after_creation"),
        Index("ix_sessions_user_id", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
