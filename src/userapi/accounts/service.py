"""What happens to accounts."""

from dataclasses import dataclass

from userapi.accounts.repository import AccountRepository
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.kit.text import canonical_email
from userapi.kit.transaction import Transaction
from userapi.users.models import User


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person gives to get an account."""

    email: str
    password: str
    first_name: str
    last_name: str


class AccountService:
    """Makes accounts."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        accounts: AccountRepository,
        passwords: PasswordHasher,
    ) -> None:
        self._transaction = transaction
        self._accounts = accounts
        self._passwords = passwords

    def register(self, registration: Registration) -> User:
        """Make an ordinary account; raise `EmailTaken`."""
        return self._create(registration, Role.USER)

    def create(self, registration: Registration, role: Role) -> User:
        """Make an account with that role, on the operator's behalf; raise `EmailTaken`."""
        return self._create(registration, role)

    def any_exist(self) -> bool:
        """Say whether there is any account at all, deleted ones included."""
        return self._accounts.any_exist()

    def _create(self, registration: Registration, role: Role) -> User:
        # Hashing takes tens of milliseconds: no transaction, no lock is held meanwhile.
        user = User(
            email=canonical_email(registration.email),
            password_hash=self._passwords.hash(registration.password),
            first_name=registration.first_name,
            last_name=registration.last_name,
            role=role,
        )
        with self._transaction as tx:
            self._accounts.add(user)
            tx.commit()
        return user
