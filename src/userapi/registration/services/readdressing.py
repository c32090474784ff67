"""An account that gets another address, and what ends with that."""

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.passwords import PasswordHasher
from userapi.kit.secrets import new_token
from userapi.kit.transaction import Transaction
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.records import ALL_BUT_UNDO, OneTimeTokenRecord, Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.services.links import ResetLinks
from userapi.registration.bindings import change_binding
from userapi.registration.events import AccountEvent
from userapi.registration.records import ProvenAddress
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.waiting import WaitingRegistrations
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.models import User
from userapi.users.records import UserRecord
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository

_RESET_TEMPLATE = "password-reset-after-undo"
# Not that of forgotten passwords: strangers could have used up what the mailbox may get of it.


class Readdressing:
    """Gives accounts other addresses, within the caller's transaction; the user is locked."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        users: UserRepository,
        removal: UserRemoval,
        logins: LoginHistory,
        tokens: OneTimeTokens,
        waiting: WaitingRegistrations,
        clock: Clock,
    ) -> None:
        self._users = users
        self._removal = removal
        self._logins = logins
        self._tokens = tokens
        self._waiting = waiting
        self._clock = clock

    def give(self, user: User, email: str, *, is_proven: bool = True) -> UserRecord:
        """Give a user a canonical address, proven just now or not at all; raise `EmailTaken`.

        All its sessions end, no device is trusted any more, and its links are void but those that
        undo a change. What failed with either address before is nobody's any more.
        """
        # Before the address is written: who confirms a registration of it locks them first, too.
        self._waiting.drop(email)
        # Devices before addresses, as whoever lifts a lockout.
        self._removal.end_access(user.id)
        self._logins.clear_address(user.email)
        changed = self._write(user, email, is_proven=is_proven)
        self._logins.clear_address(email)
        self._tokens.revoke(user.id, ALL_BUT_UNDO)
        return changed

    def give_closed(self, user: User, email: str) -> None:
        """Give a closed account a proven address; whoever else has or wants it notices nothing."""
        self._write(user, email, is_proven=True)

    def _write(self, user: User, email: str, *, is_proven: bool) -> UserRecord:
        now = self._clock()
        user.email, user.email_set_at = email, now
        user.email_verified_at = now if is_proven else None
        return self._users.save(user)


class ChangeProof:
    """Proves the address that an account is to have."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        users: UserRepository,
        holders: AddressHolders,
        readdressing: Readdressing,
        tokens: OneTimeTokens,
        mails: AddressMails,
        audit: AuditTrail,
    ) -> None:
        self._users = users
        self._holders = holders
        self._readdressing = readdressing
        self._tokens = tokens
        self._mails = mails
        self._audit = audit

    def accept(self, token: str, found: OneTimeTokenRecord) -> str:
        """Give the account its new address, and tell the old one."""
        address = self._holders.lock(found.address, found.user_id)
        user = address.wanted_by
        self._tokens.consume(token, Purpose.EMAIL_CHANGE)
        if user is None or found.binding != change_binding(user.email, user.password_hash):
            raise LinkInvalid
        self._holders.free(address)
        before = self._users.save(user)
        changed = self._readdressing.give(user, found.address)
        self._mails.tell_changed(before)
        self._audit.record(user.id, AccountEvent.EMAIL_CHANGED, subject=user.id)
        return changed.email


class EmailUndoService:
    """Undoes changes of addresses: whoever made them knew the password."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        holders: AddressHolders,
        readdressing: Readdressing,
        tokens: OneTimeTokens,
        reset_links: ResetLinks,
        mails: AddressMails,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._holders = holders
        self._readdressing = readdressing
        self._tokens = tokens
        self._reset_links = reset_links
        self._mails = mails
        self._audit = audit

    def undo(self, token: str) -> ProvenAddress:
        """Put the address back that an account had, void its password, and mail a reset link.

        Changes after this one can be undone no more; one before it can. A closed account stays
        closed, and who changed its address cannot use it once it is restored. Raises `LinkInvalid`,
        `HashingBusy`, or `EmailTaken` where another account has proven the address since; of a
        closed account whoever restores it hears that.
        """
        found = self._tokens.find(token, Purpose.EMAIL_UNDO)
        # A hash like any other: that nobody knows the password shows in no login's time.
        nobodys = self._passwords.hash(new_token(""))
        with self._transaction as tx:
            address = self._holders.lock(found.address, found.user_id, or_closed=True)
            user = address.wanted_by
            self._tokens.consume(token, Purpose.EMAIL_UNDO)
            if user is None:
                raise LinkInvalid
            before = self._users.save(user)
            user.password_hash = nobodys
            if user.is_deleted:
                self._readdressing.give_closed(user, found.address)
            else:
                self._holders.free(address, at_once=True)
                self._readdressing.give(user, found.address)
                self._reset_links.mail(user, _RESET_TEMPLATE)
            self._tokens.revoke_issued_after(found)
            if before.email != found.address:
                self._mails.tell_undone(before)
            self._audit.record(user.id, AccountEvent.EMAIL_CHANGE_UNDONE, subject=user.id)
            tx.commit()
        return ProvenAddress(found.address)
