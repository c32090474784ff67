"""How a person is forgotten whose account was closed for long enough."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from userapi.audit.service import AuditTrail
from userapi.kit.batches import BATCH_SIZE, Report, unreported
from userapi.kit.personal_data import PersonalData
from userapi.kit.transaction import Transaction
from userapi.leaving import policy
from userapi.leaving.events import LeavingEvent
from userapi.leaving.repository import ClosedAccountRepository
from userapi.users.models import User
from userapi.users.repository import UserRepository


class Erasure:
    """Erases what features keep of persons, `grace` after their accounts were closed.

    Each batch is a transaction that has locked the user and looks again whether it is to be erased.
    The user's row comes last: whatever ends this run, the next one goes on where it was. Nobody is
    restored meanwhile, because the grace is over by the clock that all share.
    """

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        closed: ClosedAccountRepository,
        kinds: Sequence[PersonalData],
        grace: timedelta,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._closed = closed
        # From the highest feature down: what refers to something goes before it.
        self._kinds = tuple(reversed(kinds))
        self._grace = grace
        self._audit = audit

    def count_due(self) -> int:
        """Return how many persons are to be erased."""
        return self._closed.count_closed_until(self._end())

    def erase_due(self, report: Report = unreported) -> int:
        """Erase all persons who are to be, and tell of each; return how many."""
        end, last, erased = self._end(), 0, 0
        while user_ids := self._closed.ids_closed_until(end, after=last, limit=BATCH_SIZE):
            for user_id in user_ids:
                if self._erase(user_id):
                    report(1)
                    erased += 1
            last = user_ids[-1]
        return erased

    def _end(self) -> datetime:
        return self._closed.now() - self._grace

    def _erase(self, user_id: int) -> bool:
        """Erase one person; say whether it was this call that did."""
        while True:
            with self._transaction as tx:
                user = self._due(user_id)
                if user is None:
                    return False
                is_erased = self._erase_some(user)
                tx.commit()
            if is_erased:
                return True

    def _due(self, user_id: int) -> User | None:
        """Return the user, locked, if it is to be erased still."""
        user = self._users.get_for_update(user_id, or_closed=True)
        if user is None or user.deleted_at is None:
            return None
        return user if policy.is_due(user.deleted_at, self._grace, self._closed.now()) else None

    def _erase_some(self, user: User) -> bool:
        """Erase a batch of each kind, with the last ones the user itself; say if it was."""
        counts = [kind.erase(user.id, BATCH_SIZE) for kind in self._kinds]
        if any(count >= BATCH_SIZE for count in counts):
            return False
        user.erase(self._closed.now())
        self._audit.record(None, LeavingEvent.ERASED, subject=user.id)
        return True
