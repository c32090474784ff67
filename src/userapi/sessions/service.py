"""What happens to login sessions."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from userapi.audit.events import Event
from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded
from userapi.kit.origin import OriginReader
from userapi.kit.principal import Principal
from userapi.kit.tokens import TokenIssuer, TokenKind, TokenStamp, TokenSubject
from userapi.kit.transaction import Transaction, Writes
from userapi.sessions import policy
from userapi.sessions.devices import Device, device_of
from userapi.sessions.errors import RefreshTokenReused, SessionNotFound
from userapi.sessions.models import Session
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
        origin: OriginReader,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._origin = origin
        self._clock = clock

    def open(self, user: User) -> OpenedSession:
        """Add a session of that user; its tokens work from the caller's commit on."""
        now, origin, token_id = self._clock(), self._origin(), first_token_id()
        absolute_end = now + self._lifetimes.absolute
        session = Session(
            user_id=user.id,
            created_at=now,
            expires_at=min(now + self._lifetimes.idle, absolute_end),
            absolute_expires_at=absolute_end,
            current_hash=hash_of(token_id),
            rotated_at=now,
            key_id=self._tokens.signing_key_id(),
            last_used_at=now,
            address=origin.address,
            user_agent=origin.user_agent,
        )
        self._sessions.add(session)
        subject = TokenSubject(user.id, session.id, is_admin=user.is_admin)
        refresh = TokenStamp(token_id, now, session.expires_at, session.key_id)
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
        origin: OriginReader,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._rotation = rotation
        self._audit = audit
        self._origin = origin
        self._clock = clock

    def refresh(self, principal: Principal) -> TokenPair:
        """Return new tokens for the refresh token that the caller presented.

        Raises `SessionEnded`, and `RefreshTokenReused` after ending the session.
        """
        now = self._clock()
        with self._transaction.of(principal, Writes(session=True)) as tx:
            principal = tx.principal
            refresh = self._rotate(principal, now) or self._repeat(principal, now)
            tx.commit()
        if refresh is None:
            raise RefreshTokenReused
        subject = TokenSubject(
            principal.user_id, principal.session_id, is_admin=principal.user.is_admin
        )
        return _token_pair(self._tokens, subject, refresh, self._lifetimes.access, now)

    def log_out(self, principal: Principal) -> None:
        """End the caller's session: none of its tokens works from then on."""
        with self._transaction.of(principal, Writes(session=True)) as tx:
            self._sessions.revoke(principal.session_id, principal.user_id, self._clock())
            self._audit.record(
                Event.SESSION_REVOKED,
                actor_id=principal.user_id,
                subject_id=principal.user_id,
                object_id=str(principal.session_id),
            )
            tx.commit()

    def note_use(self, principal: Principal) -> None:
        """Note that the caller's session is in use, at most once in `USE_INTERVAL`."""
        now = self._clock()
        last_before = now - USE_INTERVAL
        if principal.session_used_at > last_before:
            return
        with self._transaction as tx:
            self._sessions.note_use(
                principal.session_id, now, last_before=last_before, origin=self._origin()
            )
            tx.commit()

    def _rotate(self, principal: Principal, now: datetime) -> TokenStamp | None:
        """Replace the session's newest refresh token; None when another was presented."""
        token_id = self._rotation.successor_of(principal.token_id)
        key_id = self._tokens.signing_key_id()
        successor = Successor(hash_of(token_id), now, now + self._lifetimes.idle, key_id)
        expires_at = self._sessions.rotate(
            principal.session_id, hash_of(principal.token_id), successor, self._origin()
        )
        if expires_at is None:
            return None
        self._audit.record(
            Event.SESSION_REFRESHED,
            actor_id=principal.user_id,
            subject_id=principal.user_id,
            object_id=str(principal.session_id),
        )
        return TokenStamp(token_id, now, expires_at, key_id)

    def _repeat(self, principal: Principal, now: datetime) -> TokenStamp | None:
        """Return the newest refresh token once more, to whoever may still present its parent.

        Otherwise the session is ended, and there is none. Raises `SessionEnded`.
        """
        family = self._sessions.lock_family(principal.session_id)
        verdict = self._rotation.verdict_on(hash_of(principal.token_id), family, now)
        if family is None or verdict is Verdict.ENDED:
            raise SessionEnded
        if verdict is Verdict.REPEATED:
            token_id = self._rotation.successor_of(principal.token_id)
            return TokenStamp(token_id, family.rotated_at, family.expires_at, family.key_id)
        self._sessions.revoke(principal.session_id, principal.user_id, now)
        self._audit.record(
            Event.REFRESH_REUSED,
            actor_id=None,  # the user or a thief: one of them has an old copy
            subject_id=principal.user_id,
            object_id=str(principal.session_id),
        )
        return None


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


class DeviceService:
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

    def list(self, principal: Principal, user_id: int) -> list[Device]:
        """Return a user's live sessions, newest first; raise `NotAllowed` or `UserNotFound`."""
        policy.ensure_may_manage(principal, user_id)
        if user_id != principal.user_id and self._users.get(user_id) is None:
            raise UserNotFound
        records = self._sessions.live_of(user_id, self._clock())
        return [device_of(record, current=principal.session_id) for record in records]

    def revoke(self, principal: Principal, user_id: int, session_id: uuid.UUID) -> None:
        """End one session of a user; raise `NotAllowed` or `SessionNotFound`."""
        # The user comes first: two sessions that end each other could deadlock.
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.ensure_may_manage(tx.principal, user_id)
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

        Raises `NotAllowed` or `UserNotFound`.
        """
        # The user comes first: two that lock several sessions each could deadlock.
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.ensure_may_manage(tx.principal, user_id)
            if user_id != principal.user_id and self._users.get(user_id) is None:
                raise UserNotFound
            revoked = self._sessions.revoke_others(user_id, principal.session_id, self._clock())
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
    refresh: TokenStamp,
    access_lifetime: timedelta,
    now: datetime,
) -> TokenPair:
    """Sign both tokens; the access token expires with the refresh token, if not before."""
    access_end = min(now + access_lifetime, refresh.expires_at)
    access = TokenStamp(str(uuid.uuid4()), now, access_end, tokens.signing_key_id())
    return TokenPair(
        access_token=tokens.issue(TokenKind.ACCESS, subject, access),
        refresh_token=tokens.issue(TokenKind.REFRESH, subject, refresh),
        expires_in=int((access_end - now).total_seconds()),
    )
