"""A user's sessions, looked at and ended."""

import uuid

from userapi.audit.service import AuditTrail
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.sessions import policy
from userapi.sessions.errors import SessionNotFound
from userapi.sessions.events import SessionEvent
from userapi.sessions.records import SessionView, session_view
from userapi.sessions.repository import SessionRepository
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.errors import UserNotFound
from userapi.users.repository import UserRepository


class UserSessionService:
    """A user's sessions: seen and ended by the user and by admins."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        users: UserRepository,
        logins: LoginHistory,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._users = users
        self._logins = logins
        self._audit = audit

    def list(self, principal: Principal, user_id: int, request: PageRequest) -> Page[SessionView]:
        """Return one page of a user's live sessions, newest first.

        Raises `NotAllowed`, `UserNotFound` or `InvalidInput`.
        """
        policy.MANAGING.ensure(principal, user_id)
        if user_id != principal.user_id and self._users.get(user_id) is None:
            raise UserNotFound
        current = principal.credential.session_id
        page = self._sessions.list_active(user_id, request)
        return page.map(lambda record: session_view(record, current=current))

    def revoke(self, principal: Principal, user_id: int, session_id: uuid.UUID) -> None:
        """End one session of a user; raise `NotAllowed` or `SessionNotFound`."""
        # The user comes first: two sessions that end each other could deadlock.
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.MANAGING.ensure(tx.principal, user_id)
            if not self._sessions.revoke(session_id, user_id):
                raise SessionNotFound
            self._audit.record(principal, SessionEvent.REVOKED, subject=user_id, object=session_id)
            tx.commit()

    def revoke_others(self, principal: Principal, user_id: int) -> int:
        """End all sessions of a user but the caller's own; return how many.

        No device of the user is trusted any more but that of the caller's session. Raises
        `NotAllowed` or `UserNotFound`.
        """
        # The user comes first: two that lock several sessions each could deadlock.
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.MANAGING.ensure(tx.principal, user_id)
            if user_id != principal.user_id and self._users.get(user_id) is None:
                raise UserNotFound
            revoked = self._sessions.revoke_others(user_id, principal.credential.session_id)
            own_device = self._sessions.find_device(principal.credential.session_id)
            self._logins.revoke_devices(user_id, except_id=own_device)
            self._audit.record(
                principal,
                SessionEvent.OTHERS_REVOKED,
                subject=user_id,
                details={"revoked": revoked},
            )
            tx.commit()
        return revoked
