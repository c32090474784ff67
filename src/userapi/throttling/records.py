"""Failed logins and known devices as they are read."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from userapi.kit.client_info import ClientInfo


@dataclass(frozen=True, slots=True)
class ThrottleRecord:
    """The consecutive failures of a bucket, and until when nobody may try again."""

    failures: int
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A known device; `address` and `user_agent` are those of the latest login from there."""

    id: uuid.UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """A login from a device: when, until when it is known from then on, and where it came from."""

    used_at: datetime
    expires_at: datetime
    client_info: ClientInfo
