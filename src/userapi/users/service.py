"""What happens to users."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from userapi.audit.service import AuditTrail
from userapi.kit.changes import UNSET, Unset
from userapi.kit.errors import SessionEnded
from userapi.kit.events import Event
from userapi.kit.principal import Principal, Role
from userapi.kit.transaction import Transaction, Writes
from userapi.kit.versions import StaleVersion, Versions
from userapi.mail.notices import Notice, Notices
from userapi.users import policy
from userapi.users.errors import UserNotFound
from userapi.users.events import UserEvent
from userapi.users.models import User
from userapi.users.policy import DirectoryRules
from userapi.users.recipients import recipient_of
from userapi.users.records import KnownCaller, UserRecord
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What is to change of a user."""

    first_name: str | Unset = UNSET
    last_name: str | Unset = UNSET
    language: str | Unset | None = UNSET
    is_active: bool | Unset = UNSET


@dataclass(frozen=True, slots=True)
class RoleChange:
    """The role that a user is to have."""

    role: Role


class AccountCloser(Protocol):
    """Closes accounts, within the caller's transaction."""

    def close(self, user: User, *, actor: Principal) -> None:
        """Close the account of a user whom the transaction has locked, with all active admins.

        Raises `LastAdmin`.
        """


class UserService:
    """The profiles."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        removal: UserRemoval,
        closer: AccountCloser,
        notices: Notices,
        audit: AuditTrail,
        directory: DirectoryRules,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._removal = removal
        self._notices = notices
        self._directory = directory
        self._closer = closer
        self._audit = audit

    def get(self, principal: Principal, user_id: int) -> UserRecord:
        """Return one user; raise `UserNotFound`, or `NotAllowed` whether there is one or not."""
        self._directory.reading.ensure(principal, user_id)
        return self._get(user_id)

    def get_own(self, principal: Principal) -> UserRecord:
        """Return the caller's own user, as it was when the credential was looked up.

        Raises `SessionEnded` where that did not read it, and it was deleted meanwhile.
        """
        if isinstance(principal, KnownCaller):
            return principal.user
        user = self._users.get(principal.user_id)
        if user is None:
            raise SessionEnded
        return user

    def update(
        self,
        principal: Principal,
        user_id: int,
        changes: UserChanges,
        versions: Versions | None = None,
    ) -> UserRecord:
        """Apply `changes`; raise `NotAllowed`, `UserNotFound`, `StaleVersion` or `LastAdmin`."""
        ends_access = changes.is_active is False
        with self._transaction.of(principal, Writes({user_id}, admins=ends_access)) as tx:
            policy.EDITING.ensure(tx.principal, user_id)
            if changes.is_active is not UNSET:
                policy.CHANGING_ACTIVITY.ensure(tx.principal)
            if ends_access:
                user = self._lock_for_demotion(user_id, versions)
                self._removal.end_access(user.id)
            else:
                user = self._lock(user_id, versions)
            changed = user.apply(changes)
            if changed:
                self._audit.record(
                    principal,
                    _event_of(changed, user),
                    subject=user.id,
                    details={"changed": changed},
                )
            updated = self._users.save(user)
            tx.commit()
        return updated

    def delete(self, principal: Principal, user_id: int, versions: Versions | None = None) -> None:
        """Close a user's account, as the user's own closing does.

        Raises `NotAllowed`, `UserNotFound`, `StaleVersion` or `LastAdmin`.
        """
        with self._transaction.of(principal, Writes({user_id}, admins=True)) as tx:
            policy.DELETING.ensure(tx.principal)
            self._closer.close(self._lock(user_id, versions), actor=principal)
            tx.commit()

    def set_role(
        self, principal: Principal, user_id: int, role: Role, versions: Versions | None = None
    ) -> UserRecord:
        """Give a user that role; raise `NotAllowed`, `UserNotFound`, `StaleVersion`, `LastAdmin`.

        It counts from the user's next request on. The user is told by mail.
        """
        writes = Writes({user_id}, admins=role is not Role.ADMIN)
        with self._transaction.of(principal, writes) as tx:
            policy.SETTING_ROLES.ensure(tx.principal)
            user = self._set_role(user_id, role, versions, actor=principal)
            tx.commit()
        return user

    def assign_role(self, email: str, role: Role) -> UserRecord:
        """Give the user with that address that role, on the operator's behalf.

        Raises `UserNotFound` or `LastAdmin`.
        """
        user = self._users.find_by_email(self._users.stored_address(email))
        if user is None:
            raise UserNotFound
        with self._transaction as tx:
            self._users.lock_with_active_admins(user.id)
            user = self._set_role(user.id, role, None, actor=None)
            tx.commit()
        return user

    def _set_role(
        self, user_id: int, role: Role, versions: Versions | None, *, actor: Principal | None
    ) -> UserRecord:
        if role is Role.ADMIN:
            user = self._lock(user_id, versions)
        else:
            user = self._lock_for_demotion(user_id, versions)
        if user.role == role:
            return self._users.save(user)
        details = {"from": str(user.role), "to": str(role)}
        user.role = role
        changed = self._users.save(user)
        self._audit.record(actor, UserEvent.ROLE_CHANGED, subject=user.id, details=details)
        self._notices.tell(Notice.ROLE_CHANGED, recipient_of(changed), {"role": changed.role})
        return changed

    def _lock_for_demotion(self, user_id: int, versions: Versions | None) -> User:
        """Return a user who may be an admin no longer: another one must remain.

        The transaction has locked the user and all active admins, in one statement.
        """
        user = self._lock(user_id, versions)
        policy.ensure_admin_remains(user.id, self._users.active_admin_ids())
        return user

    def _get(self, user_id: int) -> UserRecord:
        user = self._users.get(user_id)
        if user is None:
            raise UserNotFound
        return user

    def _lock(self, user_id: int, versions: Versions | None) -> User:
        user = self._users.get_for_update(user_id, versions)
        if user is None:
            self._get(user_id)  # there is one, or it is not found
            raise StaleVersion
        return user


def _event_of(changed: Collection[str], user: User) -> Event:
    """Return what a change of a user is called: that of its activity outweighs the rest."""
    if "is_active" not in changed:
        return UserEvent.UPDATED
    return UserEvent.ACTIVATED if user.is_active else UserEvent.DEACTIVATED
