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


_DEACTIVATED = ("NOT is_active", "is_active = 0")
_VERIFIED = ("email_verified_at IS NOT NULL",) * 2
_UNVERIFIED = ("email_verified_at IS NULL",) * 2
_ACTIVE = ("is_active", "is_active = 1")
_IN_SPECIAL_ROLE = (f"role != '{Role.USER}'",) * 2
_IS_CLOSED = text("deleted_at IS NOT NULL AND erased_at IS NULL")
_ACTIVE_ADMIN = tuple(f"{active} AND role = '{Role.ADMIN}'" for active in _ACTIVE)


def _index_of_living(
    name: str,
    *columns: str | TextClause,
    among: tuple[str, ...] = ("", ""),
    unique: bool = False,
) -> Index:
    """Return an index of the users that are not deleted, or of some `among` them.

    These are told in PostgreSQL's words and in those of SQLite, which has no booleans; a query
    finds the index by the words that SQLAlchemy uses.
    """
    postgresql, sqlite = (" AND ".join(filter(None, ("deleted_at IS NULL", it))) for it in among)
    return Index(
        name,
        *columns,
        unique=unique,
        postgresql_where=text(postgresql),
        sqlite_where=text(sqlite),
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
        _index_of_living("ix_users_active_directory", "created_at", "id", among=_ACTIVE),
        # The directory by names; by addresses it is in the order of the unique index.
        # SQLite would take one of the living alone for all that ask for them.
        Index(
            "ix_users_names",
            text("lower(last_name)"),
            text("lower(first_name)"),
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        # What few users are, and would be looked for among all others.
        _index_of_living("ix_users_deactivated", "created_at", "id", among=_DEACTIVATED),
        _index_of_living("ix_users_roles", "role", "created_at", "id", among=_IN_SPECIAL_ROLE),
        _index_of_living("ix_users_verified", "created_at", "id", among=_VERIFIED),
        _index_of_living("ix_users_unverified", "created_at", "id", among=_UNVERIFIED),
        Index(
            "ix_users_closed",
            "created_at",
            "id",
            postgresql_where=_IS_CLOSED,
            sqlite_where=_IS_CLOSED,
        ),
        # The active administrators, counted whenever one of them is to go.
        _index_of_living("ix_users_active_admins", "id", among=_ACTIVE_ADMIN),
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
