"""Proving addresses, and asking for the link once more."""

import hashlib
import hmac
import uuid
from collections.abc import Mapping

from userapi.audit.service import AuditTrail
from userapi.kit.jobs import Payload
from userapi.kit.transaction import Transaction
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.outbox.service import Later
from userapi.registration.events import AccountEvent
from userapi.registration.records import MailPromised, ProvenAddress
from userapi.registration.repository import PendingRegistrationRepository
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.proofs import Proof
from userapi.users.repository import UserRepository

RESEND = "verification-resend"
"""The kind of job that mails a link once more."""


class VerificationService:
    """Takes the links that prove addresses; `proofs` has what each kind of them does."""

    def __init__(
        self, *, transaction: Transaction, tokens: OneTimeTokens, proofs: Mapping[Purpose, Proof]
    ) -> None:
        self._transaction = transaction
        self._tokens = tokens
        self._proofs = proofs

    def verify(self, token: str) -> ProvenAddress:
        """Prove an address; raise `LinkInvalid` or `EmailTaken`."""
        with self._transaction as tx:
            found = self._tokens.find(token, *self._proofs)
            email = self._proofs[Purpose(found.purpose)].accept(token, found)
            tx.commit()
        return ProvenAddress(email)


class ResendService:
    """Mails the link that proves an address once more; `key` hides which ones were asked for.

    What waits is mailed nothing unless strangers may register.
    """

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        pending: PendingRegistrationRepository,
        mails: AddressMails,
        later: Later,
        audit: AuditTrail,
        holders: AddressHolders,
        admits_waiting: bool,
        key: bytes,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._pending = pending
        self._mails = mails
        self._later = later
        self._audit = audit
        self._holders = holders
        self._admits_waiting = admits_waiting
        self._key = key

    def ask(self, email: str) -> MailPromised:
        """Leave it to a worker to mail a link, if one is due.

        The statements are the same if none is. While one waits to be mailed, asking again does
        nothing.
        """
        address = self._users.stored_address(email)
        # The table lists no addresses that somebody typed.
        name = hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()
        with self._transaction as tx:
            holder = self._users.find_holder(address)
            waiting = self._pending.find_newest(address)
            # Who registered is not to prove the address for the one whom that replaces.
            is_replaced = holder is not None and bool(waiting) and self._holders.gives_up(holder)
            payload: Payload = {
                "user_id": None if holder is None or is_replaced else holder.id,
                "waiting_id": None if waiting is None else str(waiting.id),
            }
            self._later.put(RESEND, name, payload)
            self._audit.record(
                None,
                AccountEvent.EMAIL_VERIFICATION_REQUESTED,
                subject=None if holder is None else holder.id,
            )
            tx.commit()
        return MailPromised()

    def mail_again(self, payload: Payload) -> None:
        """Mail the link of the account that is not proven, or of the registration that waits."""
        user_id, waiting_id = payload["user_id"], payload["waiting_id"]
        with self._transaction as tx:
            if isinstance(user_id, int):
                is_sent = self._mail_account(user_id)
            elif isinstance(waiting_id, str):
                is_sent = self._mail_waiting(uuid.UUID(waiting_id))
            else:
                is_sent = False
            # Where it is not sent, the links that were sent before stay as they are.
            if is_sent:
                tx.commit()

    def _mail_account(self, user_id: int) -> bool:
        # Locked: an account that is closed at this moment is to have no link that works.
        locked = self._users.get_for_update(user_id)
        user = None if locked is None else self._users.get(user_id)
        return user is not None and not user.email_verified and self._mails.ask_for_proof(user)

    def _mail_waiting(self, waiting_id: uuid.UUID) -> bool:
        if not self._admits_waiting:
            return False
        waiting = self._pending.find(waiting_id)
        # Locked before its links, as by whoever confirms it: else each would wait for the other.
        if waiting is None or self._pending.lock(waiting_id, waiting.email) is None:
            return False
        expires_at = self._mails.ask_to_confirm(waiting, None)
        if expires_at is None:
            return False
        self._pending.extend(waiting_id, expires_at)
        return True
