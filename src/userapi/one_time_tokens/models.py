"""The `one_time_tokens` table."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin

PURPOSE_LENGTH = 32
TOKEN_HASH_LENGTH = 64
ADDRESS_LENGTH = 254
BINDING_LENGTH = 64


class OneTimeToken(UUIDKeyMixin, Base):
    """A token that may be used once; its row goes with its use.

    It is for a user, or for something else (`subject_id`) that waits to become one. `address` is
    the e-mail address that it is about, and `binding` a digest of what it must not outlive.
    """

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        Index("uq_one_time_tokens_token_hash", "token_hash", unique=True),
        Index("ix_one_time_tokens_user_id_purpose", "user_id", "purpose"),
        Index("ix_one_time_tokens_subject_id", "subject_id"),
        Index("ix_one_time_tokens_address", "address"),
        Index("ix_one_time_tokens_expires_at", "expires_at"),
    )

    purpose: Mapped[str] = mapped_column(String(PURPOSE_LENGTH))
    token_hash: Mapped[str] = mapped_column(String(TOKEN_HASH_LENGTH))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
    subject_id: Mapped[uuid.UUID | None] = mapped_column(Uuid(), default=None)
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    binding: Mapped[str | None] = mapped_column(String(BINDING_LENGTH), default=None)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
