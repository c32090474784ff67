"""The devices that are trusted, because their users have logged in from them."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from userapi.kit.clock import Clock
from userapi.kit.secrets import new_token, token_digest
from userapi.throttling.models import TrustedDevice
from userapi.throttling.repository import DeviceRepository

DEVICE_TOKEN_PREFIX = "uad_"  # noqa: S105 - how every device token begins, not a secret
MAX_DEVICES = 20
"""How many devices of one user are trusted."""

UNUSED_AFTER = timedelta(days=30)
"""After how long without a login a device gives way to any other one."""


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

    def remember(self, user_id: int, device: RecognizedDevice | None) -> RecognizedDevice:
        """Return the device with the token by which it is trusted from the caller's commit on.

        A trusted device has the same token for longer; any other one gets a new token.
        """
        now = self._clock()
        expires_at = now + self._lifetime
        if device and self._devices.extend(device.id, user_id, now, expires_at):
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
            expires_at=expires_at,
        )
        self._devices.add(added)
        return RecognizedDevice(added.id, token)
