"""How failed logins delay and lock further ones, and the trusted devices that count apart."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock
from userapi.kit.secrets import new_token, token_digest
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.lockout import Buckets, Lockout
from userapi.throttling.models import TrustedDevice
from userapi.throttling.records import DeviceRecord, DeviceUse
from userapi.throttling.repository import DeviceRepository, ThrottleRepository

DEVICE_TOKEN_PREFIX = "uad_"  # noqa: S105 - how every device token begins, not a secret
MAX_DEVICES = 20
"""How many devices of one user are trusted."""

UNUSED_AFTER = timedelta(days=30)
"""After how long without a login a device gives way to any other one."""

_SMALL_BATCH = 10


@dataclass(frozen=True, slots=True)
class RecognizedDevice:
    """A device that showed a token which the account trusts."""

    id: uuid.UUID
    token: str


class TrustedDevices:
    """The devices from which accounts have logged in, within the caller's transaction."""

    def __init__(
        self,
        *,
        devices: DeviceRepository,
        lifetime: timedelta,
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._devices = devices
        self._lifetime = lifetime
        self._client_info = client_info
        self._clock = clock

    def list(self, user_id: int) -> list[DeviceRecord]:
        """Return the devices that a user's account trusts, the one used last first."""
        return self._devices.list(user_id, self._clock(), MAX_DEVICES)

    def find(self, email: str, token: str | None) -> RecognizedDevice | None:
        """Return the device with that token, if the account with that address trusts it."""
        if token is None:
            return None
        device_id = self._devices.find(email, token_digest(token), self._clock())
        return None if device_id is None else RecognizedDevice(device_id, token)

    def remember(self, user_id: int, device: RecognizedDevice | None) -> RecognizedDevice:
        """Return the device with the token by which it is trusted from the caller's commit on.

        A trusted device has the same token for longer; any other one gets a new token.
        """
        now = self._clock()
        use = DeviceUse(now, now + self._lifetime, self._client_info())
        if device and self._devices.extend(device.id, user_id, use):
            return device
        token = new_token(DEVICE_TOKEN_PREFIX)
        self._devices.delete_all_but_best(
            user_id, MAX_DEVICES - 1, now, stale_before=now - UNUSED_AFTER
        )
        added = TrustedDevice(
            user_id=user_id,
            token_hash=token_digest(token),
            created_at=now,
            last_used_at=now,
            expires_at=use.expires_at,
            address=use.client_info.address,
            user_agent=use.client_info.user_agent,
        )
        self._devices.add(added)
        return RecognizedDevice(added.id, token)


class AttemptThrottle:
    """Counts failures in buckets, within the caller's transaction; without a `lockout` it does not.

    A subclass tells whose buckets they are.
    """

    def __init__(
        self,
        *,
        throttles: ThrottleRepository,
        buckets: Buckets,
        lockout: Lockout | None,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._throttles = throttles
        self._buckets = buckets
        self._lockout = lockout
        self._retention = retention
        self._clock = clock

    def is_locked_at(self, failures: int) -> bool:
        """Say whether so many failures lock further attempts."""
        return self._lockout is not None and self._lockout.is_locked_at(failures)

    def clear_old(self, failures: int) -> None:
        """Take old failures away, after an attempt failed that is one of so many.

        Whoever leaves a row does: the table grows no further than it must.
        """
        if self._lockout is not None and failures == 1:
            before = self._clock() - self._retention
            self._throttles.delete_expired(before, self._lockout, _SMALL_BATCH)

    def _register(self, bucket: str, email: str | None) -> int:
        """Count an attempt as failed before it is made; return how many failures there are.

        `email` is the canonical address whose bucket it is, if it is one's. Raises `LoginDelayed`
        or `LoginLocked` when the attempt is not let in.
        """
        if self._lockout is None:
            return 0
        now = self._clock()
        failures = self._throttles.register_attempt(bucket, now, self._lockout, email=email)
        if failures is None:
            known = self._throttles.find(bucket)
            if known is None:  # somebody succeeded just now
                raise LoginDelayed(1)
            raise self._lockout.refusal(known.failures, known.blocked_until, now)
        return failures

    def _reset(self, bucket: str) -> None:
        self._throttles.clear([bucket])


class LoginThrottle(AttemptThrottle):
    """Counts failed logins."""

    def register_attempt(self, email: str, device: RecognizedDevice | None) -> int:
        """Count an attempt as failed before it is made; return how many failures there are.

        Whoever succeeds resets it. Raises `LoginDelayed` or `LoginLocked` when the attempt is
        not let in.
        """
        return self._register(self._bucket(email, device), None if device else email)

    def reset(self, email: str, device: RecognizedDevice | None) -> None:
        """Delete the failures that a successful attempt was counted with."""
        self._reset(self._bucket(email, device))

    def _bucket(self, email: str, device: RecognizedDevice | None) -> str:
        if device is not None:
            return self._buckets.of_device(device.id)
        return self._buckets.of_account(email)


class ProofThrottle(AttemptThrottle):
    """Counts the wrong passwords of those who are signed in: none of them holds up a login."""

    def register_attempt(self, user_id: int) -> int:
        """Count an attempt of that user's, as `LoginThrottle` does."""
        return self._register(self._buckets.of_proof(user_id), None)

    def reset(self, user_id: int) -> None:
        """Delete the failures of that user."""
        self._reset(self._buckets.of_proof(user_id))
