"""What happens when somebody registers, or an operator makes an account."""

from userapi.kit.email_addresses import canonical_email
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.kit.transaction import Transaction
from userapi.passwords.new_passwords import NewPasswords
from userapi.rate_limits.attempts import AttemptLimit
from userapi.registration.errors import RegistrationsLimited
from userapi.registration.records import AccountDraft, Registration, RegistrationPending
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.admissions import Admission
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository


class RegistrationService:
    """Makes accounts; `overall` limits those that strangers register, all together.

    What becomes of a stranger's registration is the `admission`'s to say.
    """

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        new_passwords: NewPasswords,
        overall: AttemptLimit | None,
        admission: Admission,
        accounts: Accounts,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._new_passwords = new_passwords
        self._overall = overall
        self._admission = admission
        self._accounts = accounts

    def register(self, registration: Registration) -> UserRecord | RegistrationPending:
        """Make an ordinary account, or let it wait until its address is proven.

        Raises `RegistrationClosed`, `RegistrationsLimited` or `HashingBusy` before anything is
        computed, `InvalidInput` for a password that is easy to guess, or `EmailTaken`.
        """
        self._admission.ensure_admitted(registration)
        seconds = self._overall.seconds_until_free() if self._overall else 0
        if seconds > 0:
            raise RegistrationsLimited(seconds)
        draft = self._draft_of(registration)
        # Counted before it is stored: of a repeatable request the commit comes later than this.
        if self._overall:
            self._overall.count()
        with self._transaction as tx:
            admitted = self._admission.admit(registration, draft)
            tx.commit()
        return admitted

    def create(self, registration: Registration, role: Role) -> UserRecord:
        """Make an account with that role, on the operator's behalf.

        Its address counts as proven. Raises `InvalidInput` for a password that is easy to guess, or
        `EmailTaken`.
        """
        return self._create_proven(self._draft_of(registration), role)

    def create_sample(self, registration: Registration, role: Role) -> UserRecord:
        """Make an account of the sample data, whose password may be known to everybody.

        Raises `EmailTaken`.
        """
        password_hash = self._passwords.hash(registration.password)
        return self._create_proven(draft_of(registration, password_hash), role)

    def any_exist(self) -> bool:
        """Say whether there is any account at all, deleted ones included."""
        return self._users.any_exist()

    def has_password(self, email: str, password: str) -> bool:
        """Say whether there is an account with this address, and that is its password."""
        found = self._users.find_credentials(canonical_email(email))
        return found is not None and self._passwords.verify(password, found.password_hash)

    def _draft_of(self, registration: Registration) -> AccountDraft:
        # Hashing takes tens of milliseconds: no transaction, no lock is held meanwhile.
        password_hash = self._new_passwords.ensured_hash(registration.password, registration.person)
        return draft_of(registration, password_hash)

    def _create_proven(self, draft: AccountDraft, role: Role) -> UserRecord:
        with self._transaction as tx:
            created = self._accounts.create(draft, role, is_proven=True, by=None)
            tx.commit()
        return created


def draft_of(registration: Registration, password_hash: str) -> AccountDraft:
    """Return what an account is made of."""
    return AccountDraft(
        email=canonical_email(registration.email),
        password_hash=password_hash,
        first_name=registration.first_name,
        last_name=registration.last_name,
        language=registration.language,
    )
