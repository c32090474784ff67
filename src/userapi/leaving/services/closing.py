"""How an account is closed, by whomever; and by its owner."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock, timestamp
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.mail.catalogue import UNKNOWN_ORIGIN
from userapi.mail.notices import Notice, Notices
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.services.proof import PasswordProof
from userapi.users.events import UserEvent
from userapi.users.models import User
from userapi.users.policy import ensure_admin_remains
from userapi.users.recipients import recipient_of
from userapi.users.records import UserRecord
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository


class ClosingAccounts:
    """Closes accounts, within the caller's transaction. Implements `users.service.AccountCloser`.

    From the commit on no session, device, mailed link or stored answer of the user works, also when
    the account is restored, and the address is free. Only what undoes a change of address does, and
    those who have such a link are told: whoever took the account over may have closed it.
    """

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        users: UserRepository,
        removal: UserRemoval,
        tokens: OneTimeTokens,
        notices: Notices,
        audit: AuditTrail,
        grace: timedelta,
        clock: Clock,
    ) -> None:
        self._users = users
        self._removal = removal
        self._tokens = tokens
        self._notices = notices
        self._audit = audit
        self._grace = grace
        self._clock = clock

    def close(self, user: User, *, actor: Principal) -> None:
        """Close the account of a user; the transaction has locked it and all active admins.

        Raises `LastAdmin`.
        """
        ensure_admin_remains(user.id, self._users.active_admin_ids())
        self._removal.remove(user)
        closed = self._users.save(user)
        self._audit.record(actor, UserEvent.DELETED, subject=user.id)
        # Where an admin works is nobody's business.
        unknown = {} if actor.user_id == user.id else UNKNOWN_ORIGIN
        self._tell(closed, unknown)

    def _tell(self, closed: UserRecord, origin: Mapping[str, str]) -> None:
        end = self._clock() + self._grace
        values = {"restorable_until": timestamp(end), **origin}
        owner = recipient_of(closed)
        self._notices.tell(Notice.ACCOUNT_CLOSED, owner, values)
        undoable = self._tokens.find_live_of_user(Purpose.EMAIL_UNDO, closed.id)
        former = {token.address: min(token.expires_at, end) for token in undoable}
        for address, until in former.items():
            recipient = replace(owner, address=address, is_proven=True)
            told = values | {"undo_until": timestamp(until)}
            self._notices.tell(Notice.ACCOUNT_CLOSED, recipient, told)


class LeavingService:
    """How people close their own accounts."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        proof: PasswordProof,
        closing: ClosingAccounts,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._proof = proof
        self._closing = closing

    def close_own(self, principal: Principal, password: str) -> None:
        """Close the caller's account, who proves to know its password.

        Raises what `PasswordProof.check` does, and `LastAdmin`.
        """
        proven = self._proof.check(principal, password)
        with self._transaction.of(principal, Writes({principal.user_id}, admins=True)) as tx:
            user = self._users.get_for_update(principal.user_id)
            self._closing.close(self._proof.confirm(proven, user), actor=principal)
            tx.commit()
