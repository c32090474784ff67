"""The `sessions` table."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, TimestampMixin, UTCDateTime, UUIDKeyMixin

TOKEN_HASH_LENGTH = 64
KEY_ID_LENGTH = 64
ADDRESS_LENGTH = 45
USER_AGENT_LENGTH = 500


class UserSession(UUIDKeyMixin, TimestampMixin, Base):
    """One login. Its tokens name it, and work only while it is neither revoked nor expired.

    Each refresh moves `expires_at` on, but never past `absolute_expires_at`. Of the refresh
    tokens it stores the hashes of the newest one's id and of its parent's, and what else it takes
    to sign the newest one again: when it was issued (`rotated_at`), for which client, and with
    which key. `device_id` is the device that the login made a trusted one, or came from.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expiry_after_creation"),
        CheckConstraint("expires_at <= absolute_expires_at", name="expiry_within_lifetime"),
        # A user's sessions, newest first; those that are revoked are never listed.
        Index(
            "ix_sessions_user_id_created_at_id",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("revoked_at IS NULL"),
            sqlite_where=text("revoked_at IS NULL"),
        ),
        # The revoked ones, to tell whether a user ever had a session.
        Index(
            "ix_sessions_revoked_user_id",
            "user_id",
            postgresql_where=text("revoked_at IS NOT NULL"),
            sqlite_where=text("revoked_at IS NOT NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    absolute_expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
    current_hash: Mapped[str] = mapped_column(String(TOKEN_HASH_LENGTH))
    parent_hash: Mapped[str | None] = mapped_column(String(TOKEN_HASH_LENGTH), default=None)
    rotated_at: Mapped[datetime] = mapped_column(UTCDateTime())
    rotated_by: Mapped[str | None] = mapped_column(String(TOKEN_HASH_LENGTH), default=None)
    key_id: Mapped[str | None] = mapped_column(String(KEY_ID_LENGTH), default=None)
    # Where the latest recorded use came from, and when; recorded at most once a minute.
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime())
    address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH), default=None)
    user_agent: Mapped[str | None] = mapped_column(String(USER_AGENT_LENGTH), default=None)
    device_id: Mapped[uuid.UUID | None] = mapped_column(Uuid(), default=None)
