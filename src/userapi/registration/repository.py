"""New rows for new accounts."""

from typing import ClassVar

from sqlalchemy import select

from userapi.db.repository import Repository
from userapi.kit.errors import DomainError
from userapi.registration.errors import EmailTaken
from userapi.users.models import User


class AccountRepository(Repository):
    """The writing side of accounts."""

    violations: ClassVar[dict[str, type[DomainError]]] = {"uq_users_email": EmailTaken}

    def add(self, user: User) -> None:
        """Insert a new account; raise `EmailTaken`."""
        self._add(user)

    def any_exist(self) -> bool:
        """Say whether there is any account at all, deleted ones included."""
        return self._session.scalar(select(User.id).limit(1)) is not None
