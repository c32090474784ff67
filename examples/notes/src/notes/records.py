"""Notes as they are written and read."""

from dataclasses import dataclass
from datetime import datetime

from userapi.kit.cursor import Sort

NEWEST_FIRST = Sort({"created_at": datetime, "id": int})


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """What somebody writes down."""

    text: str


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """A note as it is read."""

    id: int
    text: str
    created_at: datetime
