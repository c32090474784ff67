"""Numbered pages, and pages that go on after a row.

A list that only grows is read by rows: nothing is counted, a page far down costs as much as the
first, and what is added meanwhile moves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from userapi.kit.cursor import Cursor

MAX_PAGE = 1_000_000
MAX_PER_PAGE = 100
DEFAULT_PER_PAGE = 20

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
class KeysetRequest:
    """Up to `limit` rows are wanted: the first ones, or those that follow `cursor`."""

    limit: int = DEFAULT_PER_PAGE
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """Some rows of a list, and the cursor that leads to the next ones, if there are any."""

    items: Sequence[T]
    next_cursor: Cursor | None
