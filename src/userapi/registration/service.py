"""What happens to accounts."""

from dataclasses import dataclass

from userapi.audit.service import AuditTrail
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.kit.text import canonical_email
from userapi.kit.transaction import Transaction
from userapi.registration.events import AccountEvent
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.models import User
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person gives to get an account."""

    email: str
    password: str
    first_name: str
    last_name: str


class RegistrationService:
    """Makes accounts."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        logins: LoginHistory,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._logins = logins
        self._audit = audit

    def register(self, registration: Registration) -> UserRecord:
        """Make an ordinary account; raise `EmailTaken`."""
        return self._create(registration, Role.USER, by_operator=False)

    def create(self, registration: Registration, role: Role) -> UserRecord:
        """Make an account with that role, on the operator's behalf; raise `EmailTaken`."""
        return self._create(registration, role, by_operator=True)

    def any_exist(self) -> bool:
        """Say whether there is any account at all, deleted ones included."""
        return self._users.any_exist()

    def _create(self, registration: Registration, role: Role, *, by_operator: bool) -> UserRecord:
        # Hashing takes tens of milliseconds: no transaction, no lock is held meanwhile.
        user = User(
            email=canonical_email(registration.email),
            password_hash=self._passwords.hash(registration.password),
            first_name=registration.first_name,
            last_name=registration.last_name,
            role=role,
        )
        with self._transaction as tx:
            created = self._users.save(user)
            # What strangers tried before the address had an account is not its owner's.
            self._logins.clear_address(created.email)
            self._audit.record(
                None if by_operator else created.id,
                AccountEvent.CREATED,
                subject=created.id,
                details={"role": role},
            )
            tx.commit()
        return created
