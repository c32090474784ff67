"""How long invitations are stored that are over."""

from datetime import timedelta
from functools import partial

from userapi.invitations.repository import InvitationRepository
from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction


class InvitationRetention:
    """Deletes invitations that ended long ago."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        invitations: InvitationRepository,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._invitations = invitations
        self._retention = retention
        self._clock = clock

    def count_ended(self) -> int:
        """Return how many invitations ended longer ago than the retention."""
        return self._invitations.count_ended(self._clock() - self._retention)

    def delete_ended(self, report: Report = unreported) -> int:
        """Delete the invitations that ended longer ago than the retention; return how many."""
        delete = partial(self._invitations.delete_ended, self._clock() - self._retention)
        return purge_in_batches(self._transaction, delete, report)
