"""How a closed account comes back."""

from datetime import timedelta

from userapi.audit.service import AuditTrail
from userapi.kit.email_addresses import lower_case
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.leaving import policy
from userapi.leaving.events import LeavingEvent
from userapi.leaving.repository import ClosedAccountRepository
from userapi.mail.notices import Notice, Notices
from userapi.registration.services.holders import AddressHolders
from userapi.users.errors import UserNotFound
from userapi.users.models import User
from userapi.users.recipients import recipient_of
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository


class RestoreService:
    """Brings closed accounts back until `grace` after their end."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        closed: ClosedAccountRepository,
        holders: AddressHolders,
        notices: Notices,
        audit: AuditTrail,
        grace: timedelta,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._closed = closed
        self._holders = holders
        self._notices = notices
        self._audit = audit
        self._grace = grace

    def restore(self, principal: Principal, user_id: int) -> UserRecord:
        """Restore a user's account as it was, with no session and no device; return it.

        An account that is not closed stays as it is. Raises `NotAllowed`, `UserNotFound` also when
        it is too late, and `EmailTaken` when somebody else has the address by now: who has it
        without proof, where this account has proven it, gives it up and is closed.
        """
        rivals = self._closed.ids_with_address_of(user_id)
        writes = Writes({user_id, *rivals}, admins=bool(rivals))
        with self._transaction.of(principal, writes) as tx:
            policy.RESTORING.ensure(tx.principal)
            user = self._users.get_for_update(user_id, or_closed=True)
            if user is None or self._is_too_late(user):
                raise UserNotFound
            was_closed = user.is_deleted
            if was_closed and user.email_verified_at is not None:
                self._holders.free(self._holders.lock(lower_case(user.email)), at_once=True)
            user.restore()
            # Saved before it is recorded: then a taken address is told as what it is.
            restored = self._users.save(user)
            if was_closed:
                self._audit.record(principal, LeavingEvent.RESTORED, subject=user.id)
                self._notices.tell(Notice.ACCOUNT_RESTORED, recipient_of(restored))
            tx.commit()
        return restored

    def _is_too_late(self, user: User) -> bool:
        """Say whether a locked user is to be erased: who waited for the erasure comes too late."""
        now = self._closed.now()
        return user.deleted_at is not None and policy.is_due(user.deleted_at, self._grace, now)
