"""When ended sessions are deleted, and how all are ended."""

from datetime import datetime, timedelta
from functools import partial

from userapi.kit.batches import BATCH_SIZE, Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction
from userapi.sessions.repository import SessionRepository


class SessionRetention:
    """Deletes sessions that ended so long ago as `retention` tells."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        sessions: SessionRepository,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._retention = retention
        self._clock = clock

    def count_expired(self) -> int:
        """Return how many sessions are to be deleted."""
        return self._sessions.count_expired(self._before())

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the sessions whose retention is over; return how many."""
        delete = partial(self._sessions.delete_expired, self._before())
        return purge_in_batches(self._transaction, delete, report)

    def revoke_all(self, report: Report = unreported) -> int:
        """End every session, whoever's it is; return how many."""
        total, last = 0, None
        while True:
            with self._transaction as tx:
                ended = self._sessions.revoke_next(last, BATCH_SIZE)
                tx.commit()
            if not ended:
                return total
            report(len(ended))
            total, last = total + len(ended), max(ended)

    def _before(self) -> datetime:
        return self._clock() - self._retention
