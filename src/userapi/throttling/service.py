"""What happens to failed logins: how they delay and lock further ones, and how that ends."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from userapi.audit.service import AuditTrail
from userapi.kit.batches import purge_in_batches
from userapi.kit.clock import Clock
from userapi.kit.principal import Principal
from userapi.kit.secrets import new_token, token_digest
from userapi.kit.text import canonical_email
from userapi.kit.transaction import Transaction
from userapi.throttling import policy
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.events import ThrottlingEvent
from userapi.throttling.lockout import Buckets, Lockout
from userapi.throttling.models import TrustedDevice
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.users.errors import UserNotFound
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository

DEVICE_TOKEN_PREFIX = "uad_"  # noqa: S105 - how every device token begins, not a secret
MAX_DEVICES = 20
"""How many devices of one user are trusted; the one used least recently goes first."""

FAILURE_RETENTION = timedelta(days=90)
"""How long failures that locked nothing are stored."""

_SMALL_BATCH = 10


@dataclass(frozen=True, slots=True)
class RecognizedDevice:
    """A device that showed a token which the account trusts."""

    id: uuid.UUID
    token: str


class TrustedDevices:
    """The devices from which accounts have logged in, within the caller's transaction."""

    def __init__(self, *, devices: DeviceRepository, lifetime: timedelta, clock: Clock) -> None:
        self._devices = devices
        self._lifetime = lifetime
        self._clock = clock

    def find(self, email: str, token: str | None) -> RecognizedDevice | None:
        """Return the device with that token, if the account with that address trusts it."""
        if token is None:
            return None
        device_id = self._devices.find(email, token_digest(token), self._clock())
        return None if device_id is None else RecognizedDevice(device_id, token)

    def remember(self, user_id: int, device: RecognizedDevice | None) -> str:
        """Return the token by which the device is trusted from the caller's commit on.

        A trusted device has the same token for longer; any other one gets a new token.
        """
        now = self._clock()
        expires_at = now + self._lifetime
        if device and self._devices.extend(device.id, user_id, now, expires_at):
            return device.token
        token = new_token(DEVICE_TOKEN_PREFIX)
        self._devices.delete_all_but_latest(user_id, MAX_DEVICES - 1)
        self._devices.add(
            TrustedDevice(
                user_id=user_id,
                token_hash=token_digest(token),
                created_at=now,
                last_used_at=now,
                expires_at=expires_at,
            )
        )
        return token


class LoginThrottle:
    """Counts failed logins, within the caller's transaction; without a `lockout` it does not."""

    def __init__(
        self,
        *,
        throttles: ThrottleRepository,
        devices: DeviceRepository,
        buckets: Buckets,
        lockout: Lockout | None,
        clock: Clock,
    ) -> None:
        self._throttles = throttles
        self._devices = devices
        self._buckets = buckets
        self._lockout = lockout
        self._clock = clock

    def register_attempt(self, email: str, device: RecognizedDevice | None) -> int:
        """Count an attempt as failed before it is made; return how many failures there are.

        Whoever succeeds resets it. Raises `LoginDelayed` or `LoginLocked` when the attempt is
        not let in.
        """
        if self._lockout is None:
            return 0
        bucket, now = self._bucket(email, device), self._clock()
        failures = self._throttles.register_attempt(bucket, now, self._lockout)
        if failures is None:
            known = self._throttles.find(bucket)
            if known is None:  # somebody succeeded just now
                raise LoginDelayed(1)
            raise self._lockout.refusal(known.failures, known.blocked_until, now)
        if failures == 1:
            # Who adds a row takes old ones away: the table grows no further than it must.
            self._throttles.delete_expired(now - FAILURE_RETENTION, self._lockout, _SMALL_BATCH)
        return failures

    def reset(self, email: str, device: RecognizedDevice | None) -> None:
        """Delete the failures that a successful attempt was counted with."""
        self._throttles.clear([self._bucket(email, device)])

    def is_locked_at(self, failures: int) -> bool:
        """Say whether so many failures lock sign-in."""
        return self._lockout is not None and self._lockout.is_locked_at(failures)

    def unlock(self, user_id: int, email: str) -> None:
        """Delete all failures with that user's address and from its devices."""
        devices = [
            self._buckets.of_device(device_id) for device_id in self._devices.ids_of(user_id)
        ]
        self._throttles.clear([self._buckets.of_account(canonical_email(email)), *devices])

    def _bucket(self, email: str, device: RecognizedDevice | None) -> str:
        if device is not None:
            return self._buckets.of_device(device.id)
        return self._buckets.of_account(email)


class UnlockService:
    """Ending delays and lockouts."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        throttle: LoginThrottle,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._throttle = throttle
        self._audit = audit

    def unlock(self, principal: Principal, user_id: int) -> None:
        """Delete a user's failed logins; raise `NotAllowed` or `UserNotFound`."""
        with self._transaction.of(principal) as tx:
            policy.UNLOCKING.ensure(tx.principal)
            self._unlock(principal, self._users.get(user_id))
            tx.commit()

    def unlock_address(self, email: str) -> None:
        """Do the same for the operator, by address; raise `UserNotFound`."""
        with self._transaction as tx:
            self._unlock(None, self._users.find_by_email(canonical_email(email)))
            tx.commit()

    def _unlock(self, actor: Principal | None, user: UserRecord | None) -> None:
        if user is None:
            raise UserNotFound
        self._throttle.unlock(user.id, user.email)
        self._audit.record(actor, ThrottlingEvent.UNLOCKED, subject=user.id)


class LockoutRetention:
    """Deletes failures and devices that count for nothing any more."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        throttles: ThrottleRepository,
        devices: DeviceRepository,
        lockout: Lockout,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._throttles = throttles
        self._devices = devices
        self._lockout = lockout
        self._clock = clock

    def delete_expired_failures(self) -> int:
        """Delete the failures of `FAILURE_RETENTION` ago that locked nothing; return how many."""
        before = self._clock() - FAILURE_RETENTION
        delete = partial(self._throttles.delete_expired, before, self._lockout)
        return purge_in_batches(self._transaction, delete)

    def delete_expired_devices(self) -> int:
        """Delete the devices that have expired; return how many."""
        return purge_in_batches(
            self._transaction, partial(self._devices.delete_expired, self._clock())
        )
