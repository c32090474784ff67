"""What is kept of a person, as it is handed out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from userapi.kit.clock import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import DataclassInstance

MAX_ITEMS = 1_000
"""How many items of one kind an export over HTTP has at most."""

MAX_BYTES = 500_000
"""How many bytes of JSON they have at most."""

MAX_SECTIONS = 100
"""How many kinds there are at most: far more than features bring."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of one kind is exported: so many items, in so many bytes of JSON."""

    items: int = MAX_ITEMS
    size: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class ExportSection:
    """What is kept of a person, of one kind: the newest first; all of it, if it is complete."""

    name: str
    items: Sequence[Mapping[str, Any]]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Export:
    """All that is kept of a person."""

    user_id: int
    exported_at: datetime
    sections: Sequence[ExportSection]


def item_of(record: DataclassInstance) -> dict[str, Any]:
    """Return a record as JSON knows it."""
    return {field.name: _plain(getattr(record, field.name)) for field in fields(record)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(held) for held in value]
    return value
