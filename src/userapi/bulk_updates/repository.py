"""Which users are to be changed, and changing them, in few statements."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, update

from userapi.bulk_updates.records import FoundUser, UserChange
from userapi.db.id_lists import rows_of_ids
from userapi.db.repository import Repository, columns_of, record_of
from userapi.directory.records import UserFilter
from userapi.directory.repository import conditions_of, values_of
from userapi.users.models import User
from userapi.users.records import UserRecord


class BulkRepository(Repository):
    """Users that are not deleted, many at once."""

    def find(self, wanted: UserFilter, change: UserChange, limit: int) -> Sequence[FoundUser]:
        """Return the first of those who are meant and not so yet, by their ids."""
        rows = select(*columns_of(User, FoundUser)).where(*_differ(wanted, change))
        found = self._read(rows.order_by(User.id).limit(limit), **values_of(wanted))
        return [record_of(FoundUser, row) for row in found]

    def find_among(
        self, user_ids: Collection[int], wanted: UserFilter, change: UserChange
    ) -> Sequence[FoundUser]:
        """Return those of these users, whom the transaction has locked, who still are meant."""
        rows = select(*columns_of(User, FoundUser)).where(
            User.id.in_(rows_of_ids(user_ids)), *_differ(wanted, change)
        )
        return [record_of(FoundUser, row) for row in self._read(rows, **values_of(wanted))]

    def change(self, user_ids: Collection[int], change: UserChange) -> None:
        """Change those users, whom the transaction has locked, and count up their versions."""
        column, value = _column_of(change)
        changed = update(User).where(User.id.in_(rows_of_ids(user_ids)))
        self._db.execute(
            changed.values({column: value, User.version: User.version + 1}),
            execution_options={"synchronize_session": False},
        )

    def list(self, user_ids: Collection[int]) -> Sequence[UserRecord]:
        """Return those of these users who are not deleted."""
        rows = select(*columns_of(User, UserRecord)).where(
            User.id.in_(rows_of_ids(user_ids)), User.deleted_at.is_(None)
        )
        return [record_of(UserRecord, row) for row in self._read(rows)]


def _differ(wanted: UserFilter, change: UserChange) -> Iterator[ColumnElement[bool]]:
    column, value = _column_of(change)
    yield User.deleted_at.is_(None)
    yield column != value
    yield from conditions_of(wanted.criteria)


def _column_of(change: UserChange) -> tuple[Any, Any]:
    """Return the column that is changed, and what it is to hold."""
    if change.role is not None:
        return User.role, change.role
    return User.is_active, change.is_active
