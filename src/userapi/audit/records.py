"""Events as they are asked for and read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from userapi.kit.cursor import Sort
from userapi.kit.pagination import KeysetRequest

DETAIL_LENGTH = 1_000
"""The limit of the characters of a text among the details of an event."""

DETAIL_ITEMS = 100
"""The limit of the items of a list among them."""

NEWEST_FIRST = Sort({"occurred_at": datetime, "id": int})


@dataclass(frozen=True, slots=True)
class EventQuery(KeysetRequest):
    """Which events are wanted; None leaves a filter out. `since` is within, `until` is not."""

    subject_id: int | None = None
    actor_id: int | None = None
    event: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event, with what is known of its client as long as that is stored."""

    id: int
    occurred_at: datetime
    event: str
    actor_id: int | None
    subject_id: int | None
    object_id: str | None
    request_id: str | None
    details: Mapping[str, Any]
    address: str | None
    user_agent: str | None
