"""Posts as they are read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PostRecord:
    """A post as it is read: plain columns, detached from the database."""

    id: int
    title: str
    content: str
    author_id: int
    created_at: datetime
    updated_at: datetime
    version: int
