"""How delays, lockouts and the trust in devices end."""

import uuid
from collections.abc import Collection

from userapi.audit.service import AuditTrail
from userapi.kit.batches import BATCH_SIZE, batched
from userapi.kit.email_addresses import lower_case
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction
from userapi.throttling import policy
from userapi.throttling.events import ThrottlingEvent
from userapi.throttling.lockout import Buckets
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.users.errors import UserNotFound
from userapi.users.repository import UserRepository


class LoginHistory:
    """What logins have left behind, within the caller's transaction.

    Implements `users.removal.LoginTraces`.
    """

    def __init__(
        self, *, throttles: ThrottleRepository, devices: DeviceRepository, buckets: Buckets
    ) -> None:
        self._throttles = throttles
        self._devices = devices
        self._buckets = buckets

    def clear_address(self, email: str) -> None:
        """Delete the failures with that stored address, whether an account has it or not."""
        self._throttles.clear([self._buckets.of_account(lower_case(email))])

    def clear_user(self, user_id: int, email: str) -> None:
        """Delete the failures with that user's address, from its devices and in its sessions."""
        self._clear_devices(self._devices.ids_of(user_id))
        self._throttles.clear([self._buckets.of_proof(user_id)])
        self.clear_address(email)

    def revoke_devices(self, user_id: int, except_id: uuid.UUID | None = None) -> None:
        """Trust no device of that user any more but `except_id`."""
        self._clear_devices(self._devices.delete_of(user_id, except_id))

    def revoke_devices_of(self, user_ids: Collection[int]) -> None:
        """Trust no device of those users any more."""
        device_ids = self._devices.delete_of_all(user_ids)
        for some in batched(device_ids, BATCH_SIZE):
            self._clear_devices(some)

    def revoke_device(self, device_id: uuid.UUID, user_id: int) -> bool:
        """Trust that device of that user no more; say whether it was trusted till now."""
        was_trusted = self._devices.delete(device_id, user_id)
        if was_trusted:
            self._clear_devices([device_id])
        return was_trusted

    def _clear_devices(self, device_ids: Collection[uuid.UUID]) -> None:
        self._throttles.clear([self._buckets.of_device(device_id) for device_id in device_ids])


class UnlockService:
    """Ending delays and lockouts."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        history: LoginHistory,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._history = history
        self._audit = audit

    def unlock(self, principal: Principal, user_id: int) -> None:
        """Delete a user's failed logins; raise `NotAllowed` or `UserNotFound`."""
        with self._transaction.of(principal) as tx:
            policy.UNLOCKING.ensure(tx.principal)
            user = self._users.get(user_id)
            if user is None:
                raise UserNotFound
            self._history.clear_user(user.id, user.email)
            self._audit.record(principal, ThrottlingEvent.UNLOCKED, subject=user.id)
            tx.commit()

    def unlock_address(self, email: str) -> bool:
        """Do the same for the operator, by address; say whether an account has it.

        An address without one is unlocked too: whoever registers it would meet its lockout.
        """
        with self._transaction as tx:
            address = self._users.stored_address(email)
            user = self._users.find_by_email(address)
            if user is None:
                self._history.clear_address(address)
            else:
                self._history.clear_user(user.id, user.email)
            self._audit.record(None, ThrottlingEvent.UNLOCKED, subject=user.id if user else None)
            tx.commit()
        return user is not None
