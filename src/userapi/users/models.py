"""The `users` table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import (
    Base,
    IntegerKeyMixin,
    SoftDeleteMixin,
    TimestampMixin,
    UTCDateTime,
    VersionMixin,
)
from userapi.kit.email_addresses import MAX_LENGTH
from userapi.kit.principal import Role

EMAIL_LENGTH = MAX_LENGTH
NAME_LENGTH = 100
PASSWORD_HASH_LENGTH = 255
ROLE_LENGTH = 16
LANGUAGE_LENGTH = 35

_ERASED_EMAIL = "erased@erased.invalid"
_ERASED_NAME = "-"
_NO_HASH = "none"  # of no password


def _index_of_living(
    name: str,
    *columns: str | TextClause,
    active_only: bool = False,
    role: Role | None = None,
    unique: bool = False,
) -> Index:
    """Return an index of the users that are not deleted, or of the active ones, in a role."""
    living = ["deleted_at IS NULL"]
    in_role = [] if role is None else [f"role = '{role}'"]
    return Index(
        name,
        *columns,
        unique=unique,
        postgresql_where=text(" AND ".join(living + ["is_active"] * active_only + in_role)),
        # SQLite has no booleans; a query finds the index by the words that SQLAlchemy uses.
        sqlite_where=text(" AND ".join(living + ["is_active = 1"] * active_only + in_role)),
    )


class User(IntegerKeyMixin, TimestampMixin, VersionMixin, SoftDeleteMixin, Base):
    """A person with an account.

    Among the users that are not deleted an e-mail address is unique, whatever its case; a
    deleted user's address may be registered again. It is proven since `email_verified_at`, and the
    account's since `email_set_at`; of accounts from before it was asked for neither is known.
    Of a user that was erased nothing is left but the row, since `erased_at`.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("length(email) BETWEEN 3 AND 254", name="email_length"),
        CheckConstraint("length(first_name) BETWEEN 1 AND 100", name="first_name_length"),
        CheckConstraint("length(last_name) BETWEEN 1 AND 100", name="last_name_length"),
        CheckConstraint("role IN ('user', 'moderator', 'admin')", name="role_is_known"),
        _index_of_living("uq_users_email", text("lower(email)"), unique=True),
        # The directory's order, for each of its two filters.
        _index_of_living("ix_users_directory", "created_at", "id"),
        _index_of_living("ix_users_active_directory", "created_at", "id", active_only=True),
        # The active administrators, counted whenever one of them is to go.
        _index_of_living("ix_users_active_admins", "id", active_only=True, role=Role.ADMIN),
        {"sqlite_autoincrement": True},
    )

    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    password_hash: Mapped[str] = mapped_column(String(PASSWORD_HASH_LENGTH))
    first_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    last_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    is_active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str] = mapped_column(
        String(ROLE_LENGTH), default=Role.USER, server_default=Role.USER
    )
    email_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
    email_set_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)
    # The language of the mails, as a BCP 47 tag.
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH), default=None)
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), default=None)

    def erase(self, now: datetime) -> None:
        """Leave nothing of the person but the id: all who were erased look the same."""
        self.email = _ERASED_EMAIL
        self.password_hash = _NO_HASH
        self.first_name = self.last_name = _ERASED_NAME
        self.is_active = False
        self.role = Role.USER
        self.email_verified_at = self.email_set_at = self.language = None
        self.created_at = self.updated_at = self.deleted_at = self.erased_at = now
