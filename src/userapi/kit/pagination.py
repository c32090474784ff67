"""Numbered pages, and pages that go on after a row.

A list that only grows is read by rows: nothing is counted, a page far down costs as much as the
first, and what is added meanwhile moves nothing.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

MAX_PAGE = 1_000_000
MAX_PER_PAGE = 100
DEFAULT_PER_PAGE = 20
CURSOR_PATTERN = r"^[A-Za-z0-9_-]{20}$"
"""How a cursor is written; every text of this form is one."""

_CURSOR = re.compile(CURSOR_PATTERN[1:-1])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Together 20 characters without padding. Seven bytes of microseconds last until the year 4253.
_TIME_BYTES = 7
_ID_BYTES = 8

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: `page` counts from 1, `per_page` is the page's size."""

    page: int = 1
    per_page: int = DEFAULT_PER_PAGE

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.per_page


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, with the size of the whole list."""

    items: Sequence[T]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; 0 when there are no rows."""
        return -(-self.total // self.per_page)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in a list that is ordered by time and id, the newest first."""

    time: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that is written so; raise `ValueError` when it is none."""
        if not _CURSOR.fullmatch(text):
            message = "not a cursor"
            raise ValueError(message)
        packed = urlsafe_b64decode(text)
        microseconds = int.from_bytes(packed[:_TIME_BYTES], "big")
        return cls(
            time=_EPOCH + microseconds * _MICROSECOND,
            id=int.from_bytes(packed[_TIME_BYTES:], "big", signed=True),
        )

    def __str__(self) -> str:
        """Write the cursor in the form of `CURSOR_PATTERN`, which tells nobody anything."""
        microseconds = (self.time - _EPOCH) // _MICROSECOND
        packed = microseconds.to_bytes(_TIME_BYTES, "big") + self.id.to_bytes(
            _ID_BYTES, "big", signed=True
        )
        return urlsafe_b64encode(packed).decode()


@dataclass(frozen=True, slots=True)
class KeysetRequest:
    """Up to `limit` rows are wanted: the newest, or those that follow `cursor`."""

    limit: int = DEFAULT_PER_PAGE
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """Some rows of a list, and the cursor that leads to the next ones, if there are any."""

    items: Sequence[T]
    next_cursor: Cursor | None
