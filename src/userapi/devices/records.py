"""Known devices as their users see them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from userapi.kit.user_agents import user_agent_description
from userapi.throttling.records import DeviceRecord


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A known device, its user agent in words, and whether the session that asks is from there."""

    id: uuid.UUID
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    current: bool


def device_view(record: DeviceRecord, *, current: uuid.UUID | None) -> DeviceView:
    """Return a device as its user sees it; `current` is that of the session that asks."""
    return DeviceView(
        id=record.id,
        created_at=record.created_at,
        last_used_at=record.last_used_at,
        expires_at=record.expires_at,
        address=record.address,
        user_agent=None if record.user_agent is None else user_agent_description(record.user_agent),
        current=record.id == current,
    )
