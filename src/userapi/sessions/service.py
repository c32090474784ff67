"""What happens to login sessions."""

from dataclasses import dataclass
from datetime import timedelta

from userapi.kit.clock import Clock
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Principal
from userapi.kit.text import canonical_email
from userapi.kit.tokens import TokenIssuer, TokenKind, TokenSubject
from userapi.kit.transaction import Transaction
from userapi.sessions.errors import AccountDeactivated, InvalidCredentials
from userapi.sessions.models import Session
from userapi.sessions.repository import Credentials, SessionRepository
from userapi.users.models import User
from userapi.users.repository import UserRepository


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long tokens are valid; a session ends with its refresh token."""

    access: timedelta
    refresh: timedelta


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A new access token and its lifetime in seconds."""

    access_token: str
    expires_in: int
    token_type: str = "bearer"  # noqa: S105 - RFC 6750's name for the scheme, not a secret


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login gives: `expires_in` tells the access token's lifetime in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    token_type: str = "bearer"  # noqa: S105 - RFC 6750's name for the scheme, not a secret


class SessionService:
    """Logging in, refreshing, logging out."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        users: UserRepository,
        passwords: PasswordHasher,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._users = users
        self._passwords = passwords
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._clock = clock

    def log_in(self, email: str, password: str) -> TokenPair:
        """Open a session; raise `InvalidCredentials` or `AccountDeactivated`.

        An unknown address costs as much time as a known one. The password is stored anew
        when today's hashing cost differs from the one it was hashed at.
        """
        credentials = self._sessions.find_credentials(canonical_email(email))
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
            session = self._new_session(user.id)
            tx.commit()
        subject = TokenSubject(user.id, session.id, is_admin=user.is_admin)
        access = self._access_token(subject)
        return TokenPair(
            access_token=access.access_token,
            refresh_token=self._tokens.issue(
                TokenKind.REFRESH, subject, expires_at=session.expires_at
            ),
            expires_in=access.expires_in,
        )

    def refresh(self, principal: Principal) -> AccessToken:
        """Return a new access token for the session that a refresh token proved."""
        return self._access_token(
            TokenSubject(principal.user_id, principal.session_id, is_admin=principal.user.is_admin)
        )

    def log_out(self, principal: Principal) -> None:
        """End the caller's session: none of its tokens works from then on."""
        with self._transaction as tx:
            self._sessions.revoke(principal.session_id, self._clock())
            tx.commit()

    def _still_matches(self, user: User, credentials: Credentials, password: str) -> bool:
        """Say whether the password is still right: it was checked before the lock."""
        if user.password_hash == credentials.password_hash:
            return True
        return self._passwords.verify(password, user.password_hash)

    def _new_session(self, user_id: int) -> Session:
        now = self._clock()
        session = Session(
            user_id=user_id,
            created_at=now,
            expires_at=now + self._lifetimes.refresh,
        )
        self._sessions.add(session)
        return session

    def _access_token(self, subject: TokenSubject) -> AccessToken:
        lifetime = self._lifetimes.access
        token = self._tokens.issue(TokenKind.ACCESS, subject, expires_at=self._clock() + lifetime)
        return AccessToken(access_token=token, expires_in=int(lifetime.total_seconds()))
