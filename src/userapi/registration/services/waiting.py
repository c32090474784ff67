"""Registrations that wait until their address is proven."""

import uuid

from userapi.audit.service import AuditTrail
from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.transaction import Transaction
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.registration.events import AccountEvent
from userapi.registration.policy import MAX_WAITING
from userapi.registration.records import AccountDraft, RegistrationPending, WaitingRegistration
from userapi.registration.repository import PendingRegistrationRepository
from userapi.registration.services.mails import AddressMails
from userapi.users.records import AddressHolder


class WaitingRegistrations:
    """Lets registrations wait, within the caller's transaction."""

    def __init__(
        self,
        *,
        pending: PendingRegistrationRepository,
        mails: AddressMails,
        tokens: OneTimeTokens,
        audit: AuditTrail,
    ) -> None:
        self._pending = pending
        self._mails = mails
        self._tokens = tokens
        self._audit = audit

    def add(self, draft: AccountDraft, holder: AddressHolder | None) -> RegistrationPending:
        """Let a registration wait, and mail the link that makes an account of it.

        Where the address has a `holder` who keeps it, that one is told instead. The registration is
        kept all the same, though nobody has its link: the statements tell nothing.
        """
        waiting = WaitingRegistration(uuid.uuid4(), draft.email, draft.language)
        expires_at = self._mails.ask_to_confirm(waiting, holder)
        if expires_at is None:
            # Nobody could confirm it, and it would displace one that somebody can.
            self._tokens.revoke_of_subject(waiting.id)
        else:
            self._pending.add(waiting.id, draft, expires_at)
            self._drop(draft.email, kept=MAX_WAITING)
            self._audit.record(None, AccountEvent.PENDING, object=waiting.id)
        return RegistrationPending()

    def drop(self, email: str) -> None:
        """Forget what waits for a canonical address, which has an account now."""
        self._drop(email, kept=0)

    def _drop(self, email: str, kept: int) -> None:
        for waiting_id in self._pending.delete_of(email, kept):
            self._tokens.revoke_of_subject(waiting_id)


class PendingRetention:
    """Deletes registrations that were not confirmed."""

    def __init__(self, *, transaction: Transaction, pending: PendingRegistrationRepository) -> None:
        self._transaction = transaction
        self._pending = pending

    def count_expired(self) -> int:
        """Return how many registrations have links that have expired."""
        return self._pending.count_expired()

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the registrations whose links have expired; return how many."""
        return purge_in_batches(self._transaction, self._pending.delete_expired, report)
