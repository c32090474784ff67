"""Which users."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, union_all
from sqlalchemy.orm import aliased

from userapi.db.repository import AnySelect, Repository
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Role, UserRecord
from userapi.kit.versions import Versions
from userapi.users.models import User

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

_ADMIN = aliased(User)


def user_record(row: Sequence[Any]) -> UserRecord:
    """Make a record of the values of `USER_COLUMNS`."""
    return UserRecord(*row)


def locked_users(
    user_ids: Collection[int], *, with_admins: bool, is_shared: bool = False
) -> AnySelect:
    """Return the query that locks those users, and perhaps all active admins; all columns.

    One statement locks them in the order of their ids, so that callers cannot wait for each
    other: neither for an admin, nor for a user who was one a moment ago. Whoever waited sees
    what the other one left.
    """
    wanted: ColumnElement[bool] = User.id.in_(user_ids)
    if with_admins:
        admins = select(_ADMIN.id).where(*_is_active_admin(_ADMIN))
        named = (select(literal(user_id, BigInteger())) for user_id in user_ids)
        wanted = User.id.in_(union_all(admins, *named))
    columns = (*USER_COLUMNS, User.deleted_at)
    query = select(*columns).where(wanted).order_by(User.id)
    return query.with_for_update(read=is_shared, key_share=not is_shared)


def _is_active_admin(user: Any) -> tuple[ColumnElement[bool], ...]:
    # Written out, not bound: the index of the admins is found by these very words.
    role = literal(Role.ADMIN, literal_execute=True)
    return user.deleted_at.is_(None), user.is_active, user.role == role


class UserRepository(Repository):
    """The users that are not deleted: a deleted one is found by no method here."""

    def page(self, request: PageRequest, *, active_only: bool) -> Page[UserRecord]:
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

    def lock_by_id(self, user_id: int, versions: Versions | None = None) -> User | None:
        """Return the user with that id, locked until the transaction ends.

        With `versions` it is found only while it has one of them.
        """
        query = select(User).where(User.id == user_id, User.deleted_at.is_(None))
        query = query.with_for_update(key_share=True)
        if versions is not None:
            query = query.where(User.version.in_(versions))
        return self._session.scalars(query).one_or_none()

    def lock_with_active_admins(self, user_id: int) -> None:
        """Lock that user and all active admins until the transaction ends."""
        self._session.execute(locked_users([user_id], with_admins=True))

    def active_admin_ids(self) -> frozenset[int]:
        """Return the ids of all active admins."""
        query = select(User.id).where(*_is_active_admin(User))
        return frozenset(self._session.scalars(query))
