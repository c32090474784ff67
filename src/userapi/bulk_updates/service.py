"""What happens when many users are changed at once."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from userapi.audit.service import AuditTrail
from userapi.bulk_updates import policy
from userapi.bulk_updates.records import LIMIT, BulkResult, BulkUpdate, FoundUser, UserChange
from userapi.bulk_updates.repository import BulkRepository
from userapi.kit.batches import batched
from userapi.kit.clock import Clock, timestamp
from userapi.kit.jobs import Payload
from userapi.kit.principal import Principal, Role
from userapi.kit.transaction import Transaction, Writes
from userapi.mail.notices import Notice, Notices
from userapi.outbox.service import Later
from userapi.users.events import UserEvent
from userapi.users.policy import ensure_admin_remains_without
from userapi.users.recipients import recipient_of
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository

JOB = "role-notices"
"""The kind of job that tells users of their new role."""


class BulkUpdates:
    """Changes many users in one transaction, with as few statements as changing few."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        many: BulkRepository,
        users: UserRepository,
        removal: UserRemoval,
        later: Later,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._many = many
        self._users = users
        self._removal = removal
        self._later = later
        self._audit = audit
        self._clock = clock

    def update(self, principal: Principal, order: BulkUpdate) -> BulkResult:
        """Change those who are meant, up to a limit and by their ids; all of them, or nobody.

        A dry run locks and writes nothing. Raises `NotAllowed` or `LastAdmin`.
        """
        policy.CHANGING_MANY.ensure(principal)
        found = self._many.find(order.filter, order.change, LIMIT + 1)
        has_more, found = len(found) > LIMIT, found[:LIMIT]
        if order.dry_run:
            self._ensure_admin_remains(order.change, found)
            changed = 0
        else:
            changed = self._change(principal, order, [user.id for user in found])
        return BulkResult(len(found), changed, has_more, order.dry_run)

    def _change(self, principal: Principal, order: BulkUpdate, user_ids: Sequence[int]) -> int:
        """Change those of these users who are still meant when all are locked; return how many."""
        writes = Writes(user_ids, admins=order.change.could_lose_admins)
        with self._transaction.of(principal, writes) as tx:
            policy.CHANGING_MANY.ensure(tx.principal)
            users = self._many.find_among(user_ids, order.filter, order.change)
            self._ensure_admin_remains(order.change, users)
            changed_ids = [user.id for user in users]
            if order.change.ends_access:
                self._removal.end_access_of(changed_ids)
            self._many.change(changed_ids, order.change)
            if order.change.role is None:
                self._record_activity(principal, order.change, changed_ids)
            else:
                self._record_roles(principal, order.change.role, users)
                self._tell_later(order.change.role, changed_ids)
            tx.commit()
        return len(users)

    def _ensure_admin_remains(self, change: UserChange, users: Sequence[FoundUser]) -> None:
        if change.could_lose_admins:
            lost = {user.id for user in users}
            ensure_admin_remains_without(lost, self._users.active_admin_ids())

    def _record_activity(
        self, principal: Principal, change: UserChange, user_ids: Sequence[int]
    ) -> None:
        event = UserEvent.ACTIVATED if change.is_active else UserEvent.DEACTIVATED
        details = {"changed": ["is_active"]}
        self._audit.record_all(principal, event, subjects=user_ids, details=details)

    def _record_roles(self, principal: Principal, role: Role, users: Sequence[FoundUser]) -> None:
        by_role: defaultdict[str, list[int]] = defaultdict(list)
        for user in users:
            by_role[user.role].append(user.id)
        for former, subjects in by_role.items():
            details = {"from": former, "to": str(role)}
            self._audit.record_all(
                principal, UserEvent.ROLE_CHANGED, subjects=subjects, details=details
            )

    def _tell_later(self, role: Role, user_ids: Sequence[int]) -> None:
        """Leave the mails to jobs: they would be most of the transaction."""
        at = timestamp(self._clock())
        for some in batched(user_ids, policy.TOLD_AT_ONCE):
            payload = {"user_ids": list(some), "role": role.value, "at": at}
            self._later.put(JOB, str(uuid.uuid4()), payload)


class RoleNotices:
    """Tells users of the role that they were given together with others."""

    def __init__(self, *, transaction: Transaction, many: BulkRepository, notices: Notices) -> None:
        self._transaction = transaction
        self._many = many
        self._notices = notices

    def tell(self, payload: Payload) -> None:
        """Leave a mail to each of those users who is not deleted since."""
        values = {"role": str(payload["role"]), "at": str(payload["at"])}
        with self._transaction as tx:
            for user in self._many.list(cast("Sequence[int]", payload["user_ids"])):
                self._notices.tell(Notice.ROLE_CHANGED, recipient_of(user), values)
            tx.commit()
