"""What operators see of mails, and do about them; and how long they are kept."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction
from userapi.mail.catalogue import JOB
from userapi.mail.records import MailRecord, MailState
from userapi.mail.repository import MailRepository
from userapi.outbox.service import Later


class MailAdministration:
    """Lists mails, never with what they say, and lets those that failed be tried again."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        mails: MailRepository,
        later: Later,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._mails = mails
        self._later = later
        self._retention = retention
        self._clock = clock

    def list(self, state: MailState | None) -> Sequence[MailRecord]:
        """Return the newest mails, in that state if one is named."""
        return self._mails.list(state)

    def retry(self, mail_id: uuid.UUID | None) -> int:
        """Let one failed mail be tried again at once, or all; return how many there were.

        One for which it is too late stays as it is.
        """
        with self._transaction as tx:
            requeued = self._mails.requeue(mail_id)
            for one in requeued:
                self._later.put(JOB, str(one), {"mail_id": str(one)})
            tx.commit()
        return len(requeued)

    def count_old(self) -> int:
        """Return how many mails are to be deleted."""
        return self._mails.count_created_before(self._clock() - self._retention)

    def delete_old(self, report: Report = unreported) -> int:
        """Delete the mails of longer ago than the retention; return how many."""
        delete = partial(self._mails.delete_created_before, self._clock() - self._retention)
        return purge_in_batches(self._transaction, delete, report)
