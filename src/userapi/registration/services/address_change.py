"""Another address for an account: asked for, proven, undone."""

import math

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import canonical_email
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.one_time_tokens.records import Purpose, TokenSubject
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.services.proof import PasswordProof
from userapi.registration.bindings import change_binding
from userapi.registration.errors import EmailChangesLimited
from userapi.registration.events import AccountEvent
from userapi.registration.policy import MAX_CHANGES
from userapi.registration.records import EmailChange, MailPromised
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.mails import AddressMails
from userapi.users.repository import UserRepository


class EmailChangeService:
    """Asks for another address, which counts when it is proven."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        proof: PasswordProof,
        tokens: OneTimeTokens,
        holders: AddressHolders,
        mails: AddressMails,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._proof = proof
        self._tokens = tokens
        self._holders = holders
        self._mails = mails
        self._audit = audit
        self._clock = clock

    def ask(self, principal: Principal, change: EmailChange) -> MailPromised:
        """Mail a link to the new address; one that was asked for before is void in any case.

        Where the address is taken its owner is told, and nobody else. Raises what `PasswordProof`
        raises, and `EmailChangesLimited`.
        """
        proven = self._proof.check(principal, change.password)
        address = canonical_email(change.new_email)
        with self._transaction.of(principal, Writes({principal.user_id})) as tx:
            user = self._proof.confirm(proven, self._users.get_for_update(principal.user_id))
            self._ensure_few_changes(user.id)
            record = self._users.save(user)
            subject = TokenSubject(
                address=address,
                user_id=user.id,
                binding=change_binding(user.email, user.password_hash),
            )
            self._audit.record(principal, AccountEvent.EMAIL_CHANGE_REQUESTED, subject=user.id)
            keeper = self._holders.find_keeper(address)
            # Whether a mail is left nobody may see: the mailbox of an account has had more of them.
            self._mails.ask_for_change(subject, record, keeper)
            tx.commit()
        return MailPromised()

    def _ensure_few_changes(self, user_id: int) -> None:
        """Refuse a change while so many can be undone: no link that undoes one is displaced."""
        undoable = self._tokens.find_live_of_user(Purpose.EMAIL_UNDO, user_id)
        if len(undoable) >= MAX_CHANGES:
            oldest = min(token.expires_at for token in undoable)
            seconds = (oldest - self._clock()).total_seconds()
            raise EmailChangesLimited(max(1, math.ceil(seconds)))
