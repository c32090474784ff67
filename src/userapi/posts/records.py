"""Posts as they are read."""

from dataclasses import dataclass
from datetime import datetime

from userapi.kit.cursor import Sort

NEWEST_FIRST = Sort({"created_at": datetime, "id": int})


@dataclass(frozen=True, slots=True)
class PostRecord:
    """A post."""

    id: int
    title: str
    content: str
    author_id: int
    created_at: datetime
    updated_at: datetime
    version: int
