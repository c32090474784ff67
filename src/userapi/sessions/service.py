"""What happens to login sessions."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from userapi.audit.events import Event
from userapi.audit.service import AuditTrail
from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded
from userapi.kit.principal import Principal, Role
from userapi.tokens.claims import TokenClaims, TokenIssuer, TokenKind, TokenSubject
from userapi.kit.transaction import Transaction
from userapi.sessions import policy
from userapi.sessions.errors import RefreshTokenReused, SessionNotFound
from userapi.sessions.models import UserSession
from userapi.sessions.records import SessionView, session_view
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import (
    Lifetimes,
    Rotation,
    Successor,
    Verdict,
    first_token_id,
    hash_of,
)
from userapi.users.errors import UserNotFound
from userapi.users.models import User
from userapi.users.repository import UserRepository

USE_INTERVAL = timedelta(minutes=1)
"""How much time there is at least between two uses of a session that are noted."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login or a refresh gives: `expires_in` is the access token's lifetime in seconds."""

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
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._client_info = client_info
        self._clock = clock

    def open(self, user: User) -> OpenedSession:
        """Add a session of that user; its tokens work from the caller's commit on."""
        now, client_info, token_id = self._clock(), self._client_info(), first_token_id()
        absolute_end = now + self._lifetimes.absolute
        session = UserSession(
            user_id=user.id,
            created_at=now,
            expires_at=min(now + self._lifetimes.idle, absolute_end),
            absolute_expires_at=absolute_end,
            current_hash=hash_of(token_id),
            rotated_at=now,
            key_id=self._tokens.signing_key_id(),
            last_used_at=now,
            address=client_info.address,
            user_agent=client_info.user_agent,
        )
        self._sessions.add(session)
        subject = TokenSubject(user.id, session.id, is_admin=user.is_admin)
        refresh = TokenClaims(token_id, now, session.expires_at, session.key_id)
        tokens = _token_pair(self._tokens, subject, refresh, self._lifetimes.access, now)
        return OpenedSession(session.id, tokens)


class SessionService:
    """Refreshing, logging out, and noting when sessions are used."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        rotation: Rotation,
        audit: AuditTrail,
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._rotation = rotation
        self._audit = audit
        self._client_info = client_info
        self._clock = clock

    def refresh(self, principal: Principal) -> TokenPair:
        """Return new tokens for the refresh token that the caller presented.

        Raises `SessionEnded`, and `RefreshTokenReused` after ending the session.
        """
        now = self._clock()
        with self._transaction as tx:
            refresh = self._rotate(principal, now) or self._repeat(principal, now)
            tx.commit()
        if refresh is None:
            raise RefreshTokenReused
        is_admin = principal.has_role(Role.ADMIN)
        subject = TokenSubject(principal.user_id, principal.credential.session_id, is_admin)
        return _token_pair(self._tokens, subject, refresh, self._lifetimes.access, now)

    def log_out(self, principal: Principal) -> None:
        """End the caller's session: none of its tokens works from then on."""
        with self._transaction as tx:
            self._sessions.revoke(principal.credential.session_id, principal.user_id, self._clock())
            self._audit.record(
                Event.SESSION_REVOKED,
                actor_id=principal.user_id,
                subject_id=principal.user_id,
                object_id=str(principal.credential.session_id),
            )
            tx.commit()

    def touch(self, principal: Principal) -> None:
        """Note that the caller's session is in use, at most once in `USE_INTERVAL`."""
        now, session = self._clock(), principal.credential
        last_before = now - USE_INTERVAL
        if session.used_at > last_before:
            return
        with self._transaction as tx:
            self._sessions.touch(
                session.session_id, now, last_before=last_before, client_info=self._client_info()
            )
            tx.commit()

    def _rotate(self, principal: Principal, now: datetime) -> TokenClaims | None:
        """Replace the session's newest refresh token; None when another was presented."""
        session = principal.credential
        token_id = self._rotation.successor_of(session.token_id)
        key_id = self._tokens.signing_key_id()
        successor = Successor(hash_of(token_id), now, now + self._lifetimes.idle, key_id)
        expires_at = self._sessions.rotate(
            session.session_id, hash_of(session.token_id), successor, self._client_info()
        )
        if expires_at is None:
            return None
        self._audit.record(
            Event.SESSION_REFRESHED,
            actor_id=principal.user_id,
            subject_id=principal.user_id,
            object_id=str(session.session_id),
        )
        return TokenClaims(token_id, now, expires_at, key_id)

    def _repeat(self, principal: Principal, now: datetime) -> TokenClaims | None:
        """Return the newest refresh token once more, to whoever may still present its parent.

        Otherwise the session is ended, and there is none. Raises `SessionEnded`.
        """
        session = principal.credential
        family = self._sessions.get_family_for_update(session.session_id)
        verdict = self._rotation.verdict_on(hash_of(session.token_id), family, now)
        if family is None or verdict is Verdict.ENDED:
            raise SessionEnded
        if verdict is Verdict.REPEATED:
            token_id = self._rotation.successor_of(session.token_id)
            return TokenClaims(token_id, family.rotated_at, family.expires_at, family.key_id)
        self._sessions.revoke(session.session_id, principal.user_id, now)
        self._audit.record(
            Event.REFRESH_REUSED,
            actor_id=None,  # the user or a thief: one of them has an old copy
            subject_id=principal.user_id,
            object_id=str(session.session_id),
        )
        return None


class SessionRetention:
    """Forgets sessions that ended long ago."""

    def __init__(self, *, transaction: Transaction, sessions: SessionRepository) -> None:
        self._transaction = transaction
        self._sessions = sessions

    def delete_expired(self, before: datetime) -> int:
        """Delete the sessions that were over before that time; return how many.

        Each batch of them is a transaction of its own, so that nobody waits for long.
        """
        return sum(iter(lambda: self._delete_batch(before), 0))

    def _delete_batch(self, before: datetime) -> int:
        with self._transaction as tx:
            forgotten = self._sessions.delete_expired(before)
            tx.commit()
        return forgotten


class UserSessionService:
    """A user's sessions: seen and ended by the user and by admins."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        users: UserRepository,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._users = users
        self._audit = audit
        self._clock = clock

    def list(self, principal: Principal, user_id: int) -> list[SessionView]:
        """Return a user's live sessions, newest first; raise `NotAllowed` or `UserNotFound`."""
        policy.MANAGING.ensure(principal, user_id)
        if user_id != principal.user_id and self._users.get(user_id) is None:
            raise UserNotFound
        records = self._sessions.list_active(user_id, self._clock())
        current = principal.credential.session_id
        return [session_view(record, current=current) for record in records]

    def revoke(self, principal: Principal, user_id: int, session_id: uuid.UUID) -> None:
        """End one session of a user; raise `NotAllowed` or `SessionNotFound`."""
        policy.MANAGING.ensure(principal, user_id)
        with self._transaction as tx:
            if not self._sessions.revoke(session_id, user_id, self._clock()):
                raise SessionNotFound
            self._audit.record(
                Event.SESSION_REVOKED,
                actor_id=principal.user_id,
                subject_id=user_id,
                object_id=str(session_id),
            )
            tx.commit()

    def revoke_others(self, principal: Principal, user_id: int) -> int:
        """End all sessions of a user but the caller's own; return how many.

        Raises `NotAllowed`, `UserNotFound`, or `SessionEnded` when the caller is deleted meanwhile.
        """
        policy.MANAGING.ensure(principal, user_id)
        with self._transaction as tx:
            # The user comes first: two that lock several sessions each could deadlock.
            if self._users.get_for_update(user_id) is None:
                raise SessionEnded if user_id == principal.user_id else UserNotFound
            current = principal.credential.session_id
            revoked = self._sessions.revoke_others(user_id, current, self._clock())
            self._audit.record(
                Event.SESSIONS_REVOKED,
                actor_id=principal.user_id,
                subject_id=user_id,
                details={"revoked": revoked},
            )
            tx.commit()
        return revoked


def _token_pair(
    tokens: TokenIssuer,
    subject: TokenSubject,
    refresh: TokenClaims,
    access_lifetime: timedelta,
    now: datetime,
) -> TokenPair:
    """Sign both tokens; the access token expires with the refresh token, if not before."""
    access_end = min(now + access_lifetime, refresh.expires_at)
    access = TokenClaims(str(uuid.uuid4()), now, access_end, tokens.signing_key_id())
    return TokenPair(
        access_token=tokens.issue(TokenKind.ACCESS, subject, access),
        refresh_token=tokens.issue(TokenKind.REFRESH, subject, refresh),
        expires_in=int((access_end - now).total_seconds()),
    )
