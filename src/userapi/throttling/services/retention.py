"""How long failed logins and devices are stored."""

from datetime import timedelta
from functools import partial

from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction
from userapi.throttling.lockout import Lockout
from userapi.throttling.repository import DeviceRepository, ThrottleRepository


class LockoutRetention:
    """Deletes failures and devices that count for nothing any more."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        throttles: ThrottleRepository,
        devices: DeviceRepository,
        lockout: Lockout,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._throttles = throttles
        self._devices = devices
        self._lockout = lockout
        self._retention = retention
        self._clock = clock

    def count_expired_failures(self) -> int:
        """Return how many failures are to be deleted."""
        return self._throttles.count_expired(self._clock() - self._retention, self._lockout)

    def delete_expired_failures(self, report: Report = unreported) -> int:
        """Delete the failures of longer ago than the retention, unless they lock an account.

        Return how many.
        """
        before = self._clock() - self._retention
        delete = partial(self._throttles.delete_expired, before, self._lockout)
        return purge_in_batches(self._transaction, delete, report)

    def count_expired_devices(self) -> int:
        """Return how many devices have expired."""
        return self._devices.count_expired(self._clock())

    def delete_expired_devices(self, report: Report = unreported) -> int:
        """Delete the devices that have expired; return how many."""
        delete = partial(self._devices.delete_expired, self._clock())
        return purge_in_batches(self._transaction, delete, report)

    def delete_all_devices(self, report: Report = unreported) -> int:
        """Delete every device: all are unknown from then on. Return how many."""
        return purge_in_batches(self._transaction, self._devices.delete_any, report)
