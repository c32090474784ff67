"""A password that takes the place of another: what it ends."""

from userapi.kit.principal import Principal
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.sessions.repository import SessionRepository
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.models import User
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository

_VOIDED = frozenset({Purpose.PASSWORD_RESET, Purpose.EMAIL_CHANGE})
"""What whoever knew the old password may have asked for."""


class PasswordReplacement:
    """Replaces passwords, within the caller's transaction; the user is locked."""

    def __init__(
        self,
        *,
        users: UserRepository,
        sessions: SessionRepository,
        logins: LoginHistory,
        tokens: OneTimeTokens,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._logins = logins
        self._tokens = tokens

    def replace(self, user: User, password_hash: str) -> UserRecord:
        """Give a user another password; end all sessions, trust no device, lift every lockout."""
        self._sessions.revoke_all(user.id)
        self._logins.clear_user(user.id, user.email)
        self._logins.revoke_devices(user.id)
        return self._store(user, password_hash)

    def replace_own(self, principal: Principal, user: User, password_hash: str) -> UserRecord:
        """Give the caller another password; its other sessions and devices go.

        No lockout is lifted: who has only stolen a session would begin anew with guesses.
        """
        session_id = principal.credential.session_id
        self._sessions.revoke_others(user.id, session_id)
        self._logins.revoke_devices(user.id, except_id=self._sessions.find_device(session_id))
        return self._store(user, password_hash)

    def _store(self, user: User, password_hash: str) -> UserRecord:
        user.password_hash = password_hash
        self._tokens.revoke(user.id, _VOIDED)
        return self._users.save(user)
