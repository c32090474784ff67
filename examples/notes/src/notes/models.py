"""The `notes` table."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, IntegerKeyMixin, TimestampMixin

TEXT_LENGTH = 500


class Note(IntegerKeyMixin, TimestampMixin, Base):
    """Something that a user wrote for nobody else."""

    __tablename__ = "notes"
    __table_args__ = (
        Index("ix_notes_owner_id_created_at_id", "owner_id", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(String(TEXT_LENGTH))
