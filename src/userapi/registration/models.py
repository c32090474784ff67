"""The `pending_registrations` table."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH, PASSWORD_HASH_LENGTH


class PendingRegistration(UUIDKeyMixin, Base):
    """A registration that waits until its address is proven; the address is canonical."""

    __tablename__ = "pending_registrations"
    __table_args__ = (
        Index("ix_pending_registrations_email", "email", "created_at"),
        Index("ix_pending_registrations_expires_at", "expires_at"),
    )

    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    password_hash: Mapped[str] = mapped_column(String(PASSWORD_HASH_LENGTH))
    first_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    last_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
