"""The `signing_keys` table."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime

KEY_ID_LENGTH = 64
ALGORITHM_LENGTH = 16


class StoredKey(Base):
    """A key of the ring; its private half is encrypted, and deleted when it is retired.

    The tag authenticates all other columns; a key that was made before there were tags has none.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint(
            "(retired_at IS NULL) = (sealed_private_key IS NOT NULL)", name="retired_is_public"
        ),
    )

    id: Mapped[str] = mapped_column(String(KEY_ID_LENGTH), primary_key=True)
    algorithm: Mapped[str] = mapped_column(String(ALGORITHM_LENGTH))
    public_jwk: Mapped[dict[str, str]] = mapped_column(JSON())
    sealed_private_key: Mapped[bytes | None] = mapped_column(LargeBinary())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    activates_at: Mapped[datetime] = mapped_column(UTCDateTime())
    retired_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
    authentication_tag: Mapped[bytes | None] = mapped_column(LargeBinary(), default=None)
