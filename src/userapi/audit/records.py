"""Events as they are asked for and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from userapi.audit.events import Event
from userapi.kit.pagination import KeysetRequest


@dataclass(frozen=True, slots=True)
class EventQuery(KeysetRequest):
    """Which events are wanted; None leaves a filter out. `since` is within, `until` is not."""

    subject_id: int | None = None
    actor_id: int | None = None
    event: Event | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as it is read, with its origin as long as that is kept: plain columns."""

    occurred_at: datetime
    id: int
    event: str
    actor_id: int | None
    subject_id: int | None
    object_id: str | None
    request_id: str | None
    details: Mapping[str, Any]
    address: str | None
    user_agent: str | None
