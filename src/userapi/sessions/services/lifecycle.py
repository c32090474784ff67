"""The life of a session: opened, used, refreshed, logged out."""

import secrets
import uuid
from datetime import datetime, timedelta

from userapi.audit.service import AuditTrail
from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded
from userapi.kit.events import Event
from userapi.kit.principal import Principal, Role
from userapi.kit.secrets import token_digest
from userapi.kit.transaction import Transaction, Writes
from userapi.sessions.errors import RefreshTokenReused
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession
from userapi.sessions.records import MAX_SESSIONS, OpenedSession, SessionHistory, TokenPair
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Lifetimes, Rotation, Successor, Verdict
from userapi.throttling.services.unlocking import LoginHistory
from userapi.tokens.claims import TokenClaims, TokenIssuer, TokenKind, TokenSubject
from userapi.users.models import User
from userapi.users.records import UserRecord

USE_INTERVAL = timedelta(minutes=1)
"""How much time there is at least between two uses of a session that are recorded."""


class SessionOpener:
    """Opens sessions, within the caller's transaction."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        sessions: SessionRepository,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        retention: timedelta,
        audit: AuditTrail,
        client_info: ClientInfoReader,
    ) -> None:
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._retention = retention
        self._audit = audit
        self._client_info = client_info

    def history_of(self, user_id: int) -> SessionHistory:
        """Return what is known of the sessions of a user, who must be locked."""
        return self._sessions.history_of(user_id)

    def open(
        self, user: UserRecord, history: SessionHistory, device_id: uuid.UUID | None = None
    ) -> OpenedSession:
        """Add a session of that user, on that device; its tokens work once the caller commits.

        The user must be locked since the `history` was read: `MAX_SESSIONS` holds, so one that is
        used no more may end.
        """
        now, client_info = history.now, self._client_info()
        token_id = secrets.token_hex(32)
        absolute_end = now + self._lifetimes.absolute
        session = UserSession(
            user_id=user.id,
            created_at=now,
            expires_at=min(now + self._lifetimes.idle, absolute_end),
            absolute_expires_at=absolute_end,
            current_hash=token_digest(token_id),
            rotated_at=now,
            key_id=self._tokens.signing_key_id(),
            last_used_at=now,
            address=client_info.address,
            user_agent=client_info.user_agent,
            device_id=device_id,
        )
        if history.live >= MAX_SESSIONS:
            self._end_others(user.id)
        self._sessions.add(session)
        subject = TokenSubject(user.id, session.id, is_admin=user.is_admin)
        refresh = TokenClaims(token_id, now, session.expires_at, session.key_id)
        tokens = _token_pair(self._tokens, subject, refresh, self._lifetimes.access, now)
        return OpenedSession(session.id, tokens)

    def is_first(self, user: User, history: SessionHistory) -> bool:
        """Say whether a session that is opened now is certainly the first that a user ever had.

        Ended ones are stored for `retention`; of accounts as old as that it is not certain.
        """
        return not history.has_any and user.created_at > history.now - self._retention

    def _end_others(self, user_id: int) -> None:
        """End what would be too many beside a new one."""
        for ended in self._sessions.revoke_all_but_latest(user_id, MAX_SESSIONS - 1):
            details = {"reason": "limit"}
            self._audit.record(
                user_id, SessionEvent.REVOKED, subject=user_id, object=ended, details=details
            )


class SessionService:
    """Refreshing, logging out, and recording when sessions are used."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        tokens: TokenIssuer,
        lifetimes: Lifetimes,
        rotation: Rotation,
        logins: LoginHistory,
        audit: AuditTrail,
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._tokens = tokens
        self._lifetimes = lifetimes
        self._rotation = rotation
        self._logins = logins
        self._audit = audit
        self._client_info = client_info
        self._clock = clock

    def refresh(self, principal: Principal) -> TokenPair:
        """Return new tokens for the refresh token that the caller presented.

        Raises `SessionEnded`, and `RefreshTokenReused` after ending the session.
        """
        with self._transaction.of(principal, Writes(session=True)) as tx:
            # Read after the lock: whoever waited for another refresh comes after it.
            principal, now = tx.principal, self._sessions.now()
            refresh = self._rotate(principal, now) or self._repeat(principal, now)
            tx.commit()
        if refresh is None:
            raise RefreshTokenReused
        subject = TokenSubject(
            principal.user_id,
            principal.credential.session_id,
            is_admin=principal.has_role(Role.ADMIN),
        )
        return _token_pair(self._tokens, subject, refresh, self._lifetimes.access, now)

    def log_out(self, principal: Principal) -> None:
        """End the caller's session: none of its tokens works from then on."""
        with self._transaction.of(principal, Writes(session=True)) as tx:
            self._sessions.revoke(principal.credential.session_id, principal.user_id)
            self._record(principal, SessionEvent.REVOKED, principal)
            tx.commit()

    def touch(self, principal: Principal) -> None:
        """Record that the caller's session is in use, at most once in `USE_INTERVAL`.

        The request is answered without it, too.
        """
        now = self._clock()
        with self._transaction.in_passing() as tx:
            self._sessions.touch(
                principal.credential.session_id,
                now,
                last_before=now - USE_INTERVAL,
                client_info=self._client_info(),
            )
            tx.commit()

    def _rotate(self, principal: Principal, now: datetime) -> TokenClaims | None:
        """Replace the session's newest refresh token; None when another was presented."""
        token_id = self._rotation.successor_of(principal.credential.token_id)
        key_id = self._tokens.signing_key_id()
        client_info = self._client_info()
        successor = Successor(
            token_hash=token_digest(token_id),
            client=self._rotation.client_of(client_info),
            issued_at=now,
            idle_end=now + self._lifetimes.idle,
            key_id=key_id,
        )
        expires_at = self._sessions.rotate(
            principal.credential.session_id,
            token_digest(principal.credential.token_id),
            successor,
            client_info,
        )
        if expires_at is None:
            return None
        self._record(principal, SessionEvent.REFRESHED, principal)
        return TokenClaims(token_id, now, expires_at, key_id)

    def _repeat(self, principal: Principal, now: datetime) -> TokenClaims | None:
        """Return the newest refresh token once more, to whoever may still present its parent.

        Otherwise the session is ended, and there is none. Raises `SessionEnded`.
        """
        family = self._sessions.get_family_for_update(principal.credential.session_id)
        client = self._rotation.client_of(self._client_info())
        presented = token_digest(principal.credential.token_id)
        verdict = self._rotation.verdict_on(presented, client, family, now)
        if family is None or verdict is Verdict.ENDED:
            raise SessionEnded
        if verdict is Verdict.REPEATED:
            self._record(principal, SessionEvent.REFRESH_REPEATED, principal)
            token_id = self._rotation.successor_of(principal.credential.token_id)
            return TokenClaims(token_id, family.rotated_at, family.expires_at, family.key_id)
        self._sessions.revoke(principal.credential.session_id, principal.user_id)
        # The user or a thief: one of them has an old copy, and with it perhaps the device's token.
        if family.device_id is not None:
            self._logins.revoke_device(family.device_id, principal.user_id)
        self._record(principal, SessionEvent.REFRESH_REUSED, None)
        return None

    def _record(self, principal: Principal, event: Event, actor: Principal | None) -> None:
        """Record what happened to the caller's session."""
        self._audit.record(
            actor, event, subject=principal.user_id, object=principal.credential.session_id
        )


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
