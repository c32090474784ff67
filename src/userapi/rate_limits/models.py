"""The `rate_limits` table."""

from sqlalchemy import BigInteger, Double, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base

KEY_LENGTH = 200


class RateLimitCount(Base):
    """How often something was done in the window that ends at `expires_at`."""

    __tablename__ = "rate_limits"
    __table_args__ = (Index("ix_rate_limits_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    hits: Mapped[int] = mapped_column(BigInteger())
    expires_at: Mapped[float] = mapped_column(Double())
