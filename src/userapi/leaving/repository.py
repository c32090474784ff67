"""Which accounts are closed, and for how long by the database's clock."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from userapi.db.repository import Repository
from userapi.db.rows import AnySelect
from userapi.users.models import User


class ClosedAccountRepository(Repository):
    """The users that are deleted and not erased yet."""

    def now(self) -> datetime:
        """Return the time by that clock, the same for every host."""
        return self._time()

    def ids_with_address_of(self, user_id: int) -> Sequence[int]:
        """Return the ids of the living users that have the address of that user by now."""
        address = select(func.lower(User.email)).where(User.id == user_id).scalar_subquery()
        query = select(User.id).where(func.lower(User.email) == address)
        others = query.where(User.deleted_at.is_(None), User.id != user_id)
        return [row.id for row in self._read(others)]

    def is_kept(self, user_id: int) -> bool:
        """Say whether there is a user with that id that was not erased, alive or closed."""
        query = select(User.id).where(User.id == user_id, User.erased_at.is_(None))
        return self._row(query) is not None

    def ids_closed_until(self, end: datetime, *, after: int, limit: int) -> Sequence[int]:
        """Return the ids of up to `limit` users that were closed by then, beyond the id `after`."""
        query = _select_closed_until(end).where(User.id > after).order_by(User.id)
        return [row.id for row in self._read(query.limit(limit))]

    def count_closed_until(self, end: datetime) -> int:
        """Return how many users were closed by then."""
        return self._count(_select_closed_until(end))


def _select_closed_until(end: datetime) -> AnySelect:
    query: AnySelect = select(User.id).where(User.deleted_at <= end, User.erased_at.is_(None))
    return query
