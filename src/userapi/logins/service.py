"""What happens when somebody logs in."""

from userapi.audit.events import Event
from userapi.audit.service import AuditTrail
from userapi.kit.passwords import PasswordHasher
from userapi.kit.text import canonical_email
from userapi.kit.transaction import Transaction
from userapi.logins.errors import AccountDeactivated, InvalidCredentials
from userapi.logins.repository import Credentials, CredentialsRepository
from userapi.sessions.service import SessionOpener, TokenPair
from userapi.users.models import User
from userapi.users.repository import UserRepository


class LoginService:
    """Logging in."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        credentials: CredentialsRepository,
        users: UserRepository,
        passwords: PasswordHasher,
        sessions: SessionOpener,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._credentials = credentials
        self._users = users
        self._passwords = passwords
        self._sessions = sessions
        self._audit = audit

    def log_in(self, email: str, password: str) -> TokenPair:
        """Open a session; raise `InvalidCredentials` or `AccountDeactivated`.

        An unknown address costs as much time as a known one. The password is stored anew
        when today's hashing cost differs from the one it was hashed at.
        """
        credentials = self._credentials.find(canonical_email(email))
        stored = credentials.password_hash if credentials else None
        if not self._passwords.verify(password, stored) or credentials is None:
            raise InvalidCredentials
        rehashed = None
        if self._passwords.needs_rehash(credentials.password_hash):
            rehashed = self._passwords.hash(password)

        with self._transaction as tx:
            user = self._users.lock_by_id(credentials.user_id)
            if user is None or not self._still_matches(user, credentials, password):
                raise InvalidCredentials
            if not user.is_active:
                raise AccountDeactivated
            if rehashed is not None:
                user.password_hash = rehashed
            opened = self._sessions.open(user)
            self._audit.record(
                Event.SESSION_CREATED,
                actor_id=user.id,
                subject_id=user.id,
                object_id=str(opened.session_id),
            )
            tx.commit()
        return opened.tokens

    def _still_matches(self, user: User, credentials: Credentials, password: str) -> bool:
        """Say whether the password is still right: it was checked before the lock."""
        if user.password_hash == credentials.password_hash:
            return True
        return self._passwords.verify(password, user.password_hash)
