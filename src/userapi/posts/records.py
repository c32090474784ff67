"""Posts as they are read."""

from dataclasses import dataclass
from datetime import datetime

from userapi.kit.cursor import Sort
from userapi.kit.text import excerpt

NEWEST_FIRST = Sort({"created_at": datetime, "id": int})
EXCERPT_LENGTH = 280
"""How many characters of a post's content a list shows at most."""

OPENING_LENGTH = EXCERPT_LENGTH + 1
"""How many are read for that: the next one tells whether the cut would part a character."""


@dataclass(frozen=True, slots=True)
class PostRecord:
    """A post; `edited_by` is who last changed it of those who are not its author."""

    id: int
    title: str
    content: str
    author_id: int
    edited_by: int | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PostSummary:
    """A post as lists show it.

    `opening` has the first `OPENING_LENGTH` characters of its content, `content_length` tells how
    many there are.
    """

    id: int
    title: str
    opening: str
    content_length: int
    author_id: int
    edited_by: int | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def content(self) -> str:
        """The content, or as much of its beginning as a list shows."""
        return excerpt(self.opening, EXCERPT_LENGTH)

    @property
    def is_truncated(self) -> bool:
        """Whether the content goes on after what is shown."""
        return len(self.content) < self.content_length
