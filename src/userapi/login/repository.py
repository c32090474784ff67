"""Whom a login is checked against."""

from dataclasses import dataclass

from sqlalchemy import func, select

from userapi.db.repository import Repository
from userapi.users.models import User


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a login is checked against."""

    user_id: int
    password_hash: str


class CredentialsRepository(Repository):
    """The credentials of the accounts that are not deleted."""

    def find(self, email: str) -> Credentials | None:
        """Return the credentials of the living account with that canonical address."""
        query = select(User.id, User.password_hash).where(
            func.lower(User.email) == email, User.deleted_at.is_(None)
        )
        row = self._session.execute(query).one_or_none()
        return None if row is None else Credentials(*row)
