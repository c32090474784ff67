"""The tables `login_throttles` and `known_devices`."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin

BUCKET_LENGTH = 64
TOKEN_HASH_LENGTH = 64
ADDRESS_LENGTH = 45
USER_AGENT_LENGTH = 500


class LoginThrottle(Base):
    """The consecutive failed logins of one bucket; there is no row when there are none.

    `is_account` tells whether the bucket was that of an account's address at the last failure; of
    rows that an earlier version wrote it is not known.
    """

    __tablename__ = "login_throttles"
    __table_args__ = (
        CheckConstraint("failures > 0", name="failures_are_positive"),
        Index("ix_login_throttles_last_failed_at", "last_failed_at"),
    )

    bucket: Mapped[str] = mapped_column(String(BUCKET_LENGTH), primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_failed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    is_account: Mapped[bool | None] = mapped_column(default=None)


class TrustedDevice(UUIDKeyMixin, Base):
    """A device from which a user has logged in; whoever has its token counts apart."""

    __tablename__ = "known_devices"
    __table_args__ = (
        Index("uq_known_devices_token_hash", "token_hash", unique=True),
        Index("ix_known_devices_user_id", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[str] = mapped_column(String(TOKEN_HASH_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    # Where the latest login came from; not known of rows that an earlier version wrote.
    address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH), default=None)
    user_agent: Mapped[str | None] = mapped_column(String(USER_AGENT_LENGTH), default=None)
