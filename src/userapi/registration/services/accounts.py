"""The accounts that registration makes."""

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.principal import Principal, Role
from userapi.registration.events import AccountEvent
from userapi.registration.records import AccountDraft
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.models import User
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository


class Accounts:
    """Makes accounts, within the caller's transaction."""

    def __init__(
        self, *, users: UserRepository, logins: LoginHistory, audit: AuditTrail, clock: Clock
    ) -> None:
        self._users = users
        self._logins = logins
        self._audit = audit
        self._clock = clock

    def create(
        self, draft: AccountDraft, role: Role, *, is_proven: bool, by: Principal | None
    ) -> UserRecord:
        """Make an account with that role for somebody else; raise `EmailTaken`.

        `by` is who makes it, None for the operator. Whether its address `is_proven`, the caller
        knows.
        """
        created = self._add(draft, role, is_proven=is_proven)
        self._record(created, by)
        return created

    def create_own(
        self, draft: AccountDraft, *, is_proven: bool, role: Role = Role.USER
    ) -> UserRecord:
        """Make an account for the person who asks for it; raise `EmailTaken`."""
        created = self._add(draft, role, is_proven=is_proven)
        self._record(created, created.id)
        return created

    def _add(self, draft: AccountDraft, role: Role, *, is_proven: bool) -> UserRecord:
        now = self._clock()
        user = User(
            email=draft.email,
            email_set_at=now,
            email_verified_at=now if is_proven else None,
            password_hash=draft.password_hash,
            first_name=draft.first_name,
            last_name=draft.last_name,
            language=draft.language,
            role=role,
        )
        created = self._users.save(user)
        # What strangers tried before the address had an account is not its owner's.
        self._logins.clear_address(created.email)
        return created

    def _record(self, created: UserRecord, actor: Principal | int | None) -> None:
        details = {"role": created.role}
        self._audit.record(actor, AccountEvent.CREATED, subject=created.id, details=details)
