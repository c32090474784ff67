"""What happens to accounts."""

from dataclasses import dataclass

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import canonical_email
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.kit.transaction import Transaction
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.weakness import Person
from userapi.rate_limits.attempts import AttemptLimit
from userapi.registration.errors import RegistrationsLimited
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
    language: str | None = None

    @property
    def person(self) -> Person:
        """Whose password it is."""
        return Person(email=self.email, first_name=self.first_name, last_name=self.last_name)


class RegistrationService:
    """Makes accounts; `overall` limits those that strangers register, all together."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        new_passwords: NewPasswords,
        overall: AttemptLimit | None,
        logins: LoginHistory,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._new_passwords = new_passwords
        self._overall = overall
        self._logins = logins
        self._audit = audit
        self._clock = clock

    def register(self, registration: Registration) -> UserRecord:
        """Make an ordinary account.

        Raises `RegistrationsLimited` or `HashingBusy` before anything is computed, `InvalidInput`
        for a password that is easy to guess, or `EmailTaken`.
        """
        seconds = self._overall.seconds_until_free() if self._overall else 0
        if seconds > 0:
            raise RegistrationsLimited(seconds)
        user = self._new_user(registration, Role.USER)
        # Counted before it is stored: of a repeatable request the commit comes later than this.
        if self._overall:
            self._overall.count()
        return self._store(user, by_operator=False)

    def create(self, registration: Registration, role: Role) -> UserRecord:
        """Make an account with that role, on the operator's behalf.

        Its address counts as proven. Raises `InvalidInput` for a password that is easy to guess, or
        `EmailTaken`.
        """
        return self._store_proven(self._new_user(registration, role))

    def create_sample(self, registration: Registration, role: Role) -> UserRecord:
        """Make an account of the sample data, whose password may be known to everybody.

        Raises `EmailTaken`.
        """
        password_hash = self._passwords.hash(registration.password)
        return self._store_proven(self._user_of(registration, role, password_hash))

    def any_exist(self) -> bool:
        """Say whether there is any account at all, deleted ones included."""
        return self._users.any_exist()

    def has_password(self, email: str, password: str) -> bool:
        """Say whether there is an account with this address, and that is its password."""
        found = self._users.find_credentials(canonical_email(email))
        return found is not None and self._passwords.verify(password, found.password_hash)

    def _new_user(self, registration: Registration, role: Role) -> User:
        # Hashing takes tens of milliseconds: no transaction, no lock is held meanwhile.
        password_hash = self._new_passwords.ensured_hash(registration.password, registration.person)
        return self._user_of(registration, role, password_hash)

    def _user_of(self, registration: Registration, role: Role, password_hash: str) -> User:
        return User(
            email=canonical_email(registration.email),
            email_set_at=self._clock(),
            password_hash=password_hash,
            first_name=registration.first_name,
            last_name=registration.last_name,
            language=registration.language,
            role=role,
        )

    def _store_proven(self, user: User) -> UserRecord:
        user.email_verified_at = user.email_set_at
        return self._store(user, by_operator=True)

    def _store(self, user: User, *, by_operator: bool) -> UserRecord:
        with self._transaction as tx:
            created = self._users.save(user)
            # What strangers tried before the address had an account is not its owner's.
            self._logins.clear_address(created.email)
            self._audit.record(
                None if by_operator else created.id,
                AccountEvent.CREATED,
                subject=created.id,
                details={"role": created.role},
            )
            tx.commit()
        return created
