"""The `mails` table."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin

ADDRESS_LENGTH = 254
TEMPLATE_LENGTH = 64
LANGUAGE_LENGTH = 35
KEY_ID_LENGTH = 16
ABOUT_LENGTH = 100
ERROR_LENGTH = 200


class MailRow(UUIDKeyMixin, Base):
    """A mail: waiting until it is sent or given up.

    `sealed` holds its values and its link, encrypted, until it is sent; `key_id` names the key.
    `mailbox` is what it counts for where mails are capped.
    """

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_user_id", "user_id"),
        Index("ix_mails_mailbox", "mailbox", "created_at"),
        Index("ix_mails_created_at", "created_at"),
        Index("ix_mails_about", "about"),
    )

    user_id: Mapped[int | None] = mapped_column(BigInteger())
    recipient: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    mailbox: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    template: Mapped[str] = mapped_column(String(TEMPLATE_LENGTH))
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    about: Mapped[str | None] = mapped_column(String(ABOUT_LENGTH))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary())
    key_id: Mapped[str] = mapped_column(String(KEY_ID_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None] = mapped_column(String(ERROR_LENGTH))
