"""The `invitations` table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, ROLE_LENGTH

_WAITING = text("accepted_at IS NULL AND revoked_at IS NULL")


class Invitation(UUIDKeyMixin, Base):
    """An invitation to have an account with that canonical address and that role.

    An address has one at most that was neither accepted nor revoked.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint("role IN ('user', 'moderator', 'admin')", name="role_is_known"),
        Index(
            "uq_invitations_waiting",
            "email",
            unique=True,
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        Index("ix_invitations_order", "created_at", "id"),
        Index("ix_invitations_accepted_by", "accepted_by"),
        Index("ix_invitations_expires_at", "expires_at"),
        Index("ix_invitations_invited_by", "invited_by"),
    )

    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    role: Mapped[str] = mapped_column(String(ROLE_LENGTH))
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH), default=None)
    invited_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
