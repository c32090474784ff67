"""When ended sessions are deleted."""

from datetime import datetime, timedelta
from functools import partial

from userapi.kit.batches import Report, purge_in_batches, unreported
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

    def _before(self) -> datetime:
        return self._clock() - self._retention
