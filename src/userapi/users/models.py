"""The `users` table."""

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, IntegerKeyMixin, SoftDeleteMixin, TimestampMixin

EMAIL_LENGTH = 254
NAME_LENGTH = 100
PASSWORD_HASH_LENGTH = 255


class User(IntegerKeyMixin, TimestampMixin, SoftDeleteMixin, Base):
    """A person with an account.

    Among the users that are not deleted an e-mail address is unique, whatever its case; a
    deleted user's address may be registered again.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("length(email) BETWEEN 3 AND 254", name="email_length"),
        CheckConstraint("length(first_name) BETWEEN 1 AND 100", name="first_name_length"),
        CheckConstraint("length(last_name) BETWEEN 1 AND 100", name="last_name_length"),
        Index(
            "uq_users_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
            sqlite_where=text("deleted_at IS NULL"),
        ),
        # The directory's order, for each of its two filters.
        Index(
            "ix_users_directory",
            "created_at",
            "id",
            postgresql_where=text("deleted_at IS NULL"),
            sqlite_where=text("deleted_at IS NULL"),
        ),
        Index(
            "ix_users_active_directory",
            "created_at",
            "id",
            postgresql_where=text("deleted_at IS NULL AND is_active"),
            sqlite_where=text("deleted_at IS NULL AND is_active"),
        ),
        # The active administrators, counted whenever one of them is to go.
        Index(
            "ix_users_active_admins",
            "id",
            postgresql_where=text("deleted_at IS NULL AND is_active AND is_admin"),
            sqlite_where=text("deleted_at IS NULL AND is_active AND is_admin"),
        ),
        {"sqlite_autoincrement": True},
    )

    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    password_hash: Mapped[str] = mapped_column(String(PASSWORD_HASH_LENGTH))
    first_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    last_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)

    @property
    def full_name(self) -> str:
        """The first and the last name, separated by a space."""
        return f"{self.first_name} {self.last_name}"
