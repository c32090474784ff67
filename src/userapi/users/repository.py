"""Which users."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, func, literal, select, union_all
from sqlalchemy.orm import aliased

from userapi.db.repository import Repository
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Role
from userapi.kit.versions import Versions
from userapi.users.models import User
from userapi.users.records import UserRecord

USER_COLUMNS = (
    User.id,
    User.email,
    User.first_name,
    User.last_name,
    User.is_active,
    User.role,
    User.created_at,
    User.updated_at,
    User.version,
)
"""The columns of a `UserRecord`, in its order."""


def user_record(row: Sequence[Any]) -> UserRecord:
    """Make a record of the values of `USER_COLUMNS`."""
    return UserRecord(*row)


class UserRepository(Repository):
    """The users that are not deleted: a deleted one is found by no method here."""

    def list(self, request: PageRequest, *, active_only: bool) -> Page[UserRecord]:
        """Return one page of the directory, newest first."""
        rows = select(*USER_COLUMNS).where(User.deleted_at.is_(None))
        if active_only:
            rows = rows.where(User.is_active)
        order = (User.created_at.desc(), User.id.desc())
        return self._page(rows, request, order_by=order, record=user_record)

    def get(self, user_id: int) -> UserRecord | None:
        """Return the user with that id."""
        query = select(*USER_COLUMNS).where(User.id == user_id, User.deleted_at.is_(None))
        row = self._session.execute(query).one_or_none()
        return None if row is None else user_record(row)

    def find_by_email(self, email: str) -> UserRecord | None:
        """Return the user with that canonical address."""
        query = select(*USER_COLUMNS).where(
            func.lower(User.email) == email, User.deleted_at.is_(None)
        )
        row = self._session.execute(query).one_or_none()
        return None if row is None else user_record(row)

    def get_for_update(self, user_id: int, versions: Versions | None = None) -> User | None:
        """Return the user with that id, locked until the transaction ends.

        With `versions` it is found only while it has one of them.
        """
        query = select(User).where(User.id == user_id, User.deleted_at.is_(None)).with_for_update()
        if versions is not None:
            query = query.where(User.version.in_(versions))
        return self._session.scalars(query).one_or_none()

    def lock_with_active_admins(self, user_id: int) -> frozenset[int]:
        """Lock that user and all active admins until the transaction ends; return the admins' ids.

        One statement locks them in the order of their ids, so that callers cannot wait for each
        other: neither for an admin, nor for a user who was one a moment ago. Whoever waited sees
        what the other one left.
        """
        admin = aliased(User)
        # Written out, not bound: the index of the admins is found by these very words.
        role = literal(Role.ADMIN, literal_execute=True)
        admins = select(admin.id).where(
            admin.deleted_at.is_(None), admin.is_active, admin.role == role
        )
        query = (
            select(User.id, User.role, User.is_active, User.deleted_at)
            .where(User.id.in_(union_all(admins, select(literal(user_id, BigInteger())))))
            .order_by(User.id)
            .with_for_update()
        )
        # The rows as they are now that they are locked, which the subquery did not see.
        return frozenset(
            row.id
            for row in self._session.execute(query)
            if row.role == Role.ADMIN and row.is_active and row.deleted_at is None
        )
