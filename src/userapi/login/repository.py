"""Whom a login is checked against."""

from sqlalchemy import func, select

from userapi.db.columns import columns_of
from userapi.db.repository import Repository
from userapi.login.records import Credentials
from userapi.users.models import User


class CredentialsRepository(Repository):
    """The credentials of the accounts that are not deleted."""

    def find(self, email: str) -> Credentials | None:
        """Return the credentials of the living account with that canonical address."""
        query = select(*columns_of(User, Credentials)).where(
            func.lower(User.email) == email, User.deleted_at.is_(None)
        )
        return self._one(query, Credentials)
