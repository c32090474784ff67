"""The accounts that have an address, and those that have to give it up."""

from dataclasses import dataclass

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import lower_case
from userapi.registration.events import AccountEvent
from userapi.users.errors import EmailTaken
from userapi.users.models import User
from userapi.users.policy import can_be_freed
from userapi.users.records import AddressHolder
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository


@dataclass(frozen=True, slots=True)
class LockedAddress:
    """A canonical address, the user who wants it, and another one who has it, both locked."""

    email: str
    wanted_by: User | None
    holder: User | None


class AddressHolders:
    """Knows who has an address, and frees it, within the caller's transaction."""

    def __init__(
        self,
        *,
        users: UserRepository,
        removal: UserRemoval,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._users = users
        self._removal = removal
        self._audit = audit
        self._clock = clock

    def find(self, email: str) -> AddressHolder | None:
        """Return the account that has a canonical address."""
        return self._users.find_holder(email)

    def find_keeper(self, email: str) -> AddressHolder | None:
        """Return the account that has a canonical address, unless it must give it up."""
        holder = self.find(email)
        if holder is None or self.gives_up(holder):
            return None
        return holder

    def gives_up(self, holder: AddressHolder) -> bool:
        """Say whether an account loses its address to whoever proves it."""
        return can_be_freed(holder.email_verified_at, holder.email_set_at, self._clock())

    def lock(
        self, email: str, wanted_by: int | None = None, *, or_closed: bool = False
    ) -> LockedAddress:
        """Lock who has a canonical address and the user who wants it, `or_closed` a closed one."""
        holder = self.find(email)
        is_other = holder is not None and holder.id != wanted_by
        other = None
        if holder is not None and is_other:
            # In one statement, in the order of the ids: two that want to do so wait in turn.
            wanting = [] if wanted_by is None else [wanted_by]
            self._users.lock_with_active_admins(holder.id, *wanting)
            other = self._users.get_for_update(holder.id)
        user = None
        if wanted_by is not None:
            user = self._users.get_for_update(wanted_by, or_closed=or_closed)
        return LockedAddress(email, user, other)

    def free(self, address: LockedAddress, *, at_once: bool = False) -> None:
        """Close the account that has an address and never proved it.

        It must have had its time, unless it is to go `at_once`. Raises `EmailTaken` where its
        account keeps it.
        """
        holder = address.holder
        if holder is None or lower_case(holder.email) != address.email:
            return
        is_old = can_be_freed(holder.email_verified_at, holder.email_set_at, self._clock())
        is_unproven = holder.email_verified_at is None
        is_last_admin = self._users.active_admin_ids() == {holder.id}
        if is_last_admin or not (is_old or (at_once and is_unproven)):
            raise EmailTaken
        self._removal.remove(holder)
        self._users.save(holder)
        self._audit.record(None, AccountEvent.REPLACED, subject=holder.id)
