"""When ended sessions are deleted."""

from datetime import timedelta
from functools import partial

from userapi.kit.batches import purge_in_batches
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction
from userapi.sessions.repository import SessionRepository

ENDED_SESSION_RETENTION = timedelta(days=30)
"""How long a session is stored after it was revoked or has expired."""


class SessionRetention:
    """Deletes sessions that ended long ago."""

    def __init__(
        self, *, transaction: Transaction, sessions: SessionRepository, clock: Clock
    ) -> None:
        self._transaction = transaction
        self._sessions = sessions
        self._clock = clock

    def delete_expired(self) -> int:
        """Delete the sessions that ended `ENDED_SESSION_RETENTION` ago; return how many."""
        before = self._clock() - ENDED_SESSION_RETENTION
        return purge_in_batches(self._transaction, partial(self._sessions.delete_expired, before))
