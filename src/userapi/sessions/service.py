"""What happens to login sessions."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from userapi.audit.events import Event
from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.principal import Principal
from userapi.kit.tokens import TokenIssuer, TokenKind, TokenStamp, TokenSubject
from userapi.kit.transaction import Transaction
from userapi.sessions.models import Session
from userapi.sessions.repository import SessionRepository
from userapi.users.models import User


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


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session that was just opened, and its tokens."""

    session_id: uuid.UUID
    tokens: TokenPair


class SessionOpener:
    """Opens sessions, within the caller's transaction."""

    def __init__(
        self,
        *,
        sessions: SessionRepository,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._clock = clock

    def open(self, user: User) -> OpenedSession:
        """Add a session of that user; its tokens work from the caller's commit on."""
        now = self._clock()
        session = Session(user_id=user.id, created_at=now, expires_at=now + self._lifetimes.refresh)
        self._sessions.add(session)
        subject = TokenSubject(user.id, session.id, is_admin=user.is_admin)
        access = _access_token(self._tokens, subject, now, self._lifetimes.access)
        stamp = TokenStamp(
            str(uuid.uuid4()), now, session.expires_at, self._tokens.signing_key_id()
        )
        tokens = TokenPair(
            access_token=access.access_token,
            refresh_token=self._tokens.issue(TokenKind.REFRESH, subject, stamp),
            expires_in=access.expires_in,
        )
        return OpenedSession(session.id, tokens)


class SessionService:
    """Refreshing, logging out."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._audit = audit
        self._clock = clock

    def refresh(self, principal: Principal) -> AccessToken:
        """Return a new access token for the session that a refresh token proved."""
        subject = TokenSubject(
            principal.user_id, principal.session_id, is_admin=principal.user.is_admin
        )
        return _access_token(self._tokens, subject, self._clock(), self._lifetimes.access)

    def log_out(self, principal: Principal) -> None:
        """End the caller's session: none of its tokens works from then on."""
        with self._transaction as tx:
            self._sessions.revoke(principal.session_id, self._clock())
            self._audit.record(
                Event.SESSION_REVOKED,
                actor_id=principal.user_id,
                subject_id=principal.user_id,
                object_id=str(principal.session_id),
            )
            tx.commit()


class SessionRetention:
    """Forgets sessions that ended long ago."""

    def __init__(self, *, transaction: Transaction, sessions: SessionRepository) -> None:
        self._transaction = transaction
        self._sessions = sessions

    def forget_ended(self, before: datetime) -> int:
        """Delete the sessions that were over before that time; return how many.

        Each batch of them is a transaction of its own, so that nobody waits for long.
        """
        return sum(iter(lambda: self._forget_some(before), 0))

    def _forget_some(self, before: datetime) -> int:
        with self._transaction as tx:
            forgotten = self._sessions.forget_ended(before)
            tx.commit()
        return forgotten


def _access_token(
    tokens: TokenIssuer, subject: TokenSubject, now: datetime, lifetime: timedelta
) -> AccessToken:
    stamp = TokenStamp(str(uuid.uuid4()), now, now + lifetime, tokens.signing_key_id())
    token = tokens.issue(TokenKind.ACCESS, subject, stamp)
    return AccessToken(access_token=token, expires_in=int(lifetime.total_seconds()))
