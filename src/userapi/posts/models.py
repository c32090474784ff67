"""The `posts` table."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, IntegerKeyMixin, TimestampMixin, VersionMixin

TITLE_LENGTH = 200
CONTENT_LENGTH = 50_000


class Post(IntegerKeyMixin, TimestampMixin, VersionMixin, Base):
    """Something a user wrote; it stays when its author is (softly) deleted."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("length(title) BETWEEN 1 AND 200", name="title_length"),
        CheckConstraint("length(content) BETWEEN 1 AND 50000", name="content_length"),
        Index("ix_posts_created_at_id", "created_at", "id"),
        Index("ix_posts_author_id_created_at_id", "author_id", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    content: Mapped[str] = mapped_column(Text())
    # PostgreSQL stores it, so that a list need not read the contents to count their characters.
    content_length: Mapped[int] = mapped_column(
        Integer(), Computed("length(content)", persisted=True)
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # A plain id, as in the audit trail: a foreign key would make its migration wait for all users.
    edited_by: Mapped[int | None] = mapped_column(BigInteger(), default=None)
