"""Pages of lists: by their number, or from a row on.

What is read from a row on costs the same wherever that is, and what is added or deleted meanwhile
moves nothing. Pages have numbers besides, for lists that somebody leafs through: to count the rows,
and to skip those before, costs more the longer a list is, so both have a limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

from userapi.kit.cursor import Cursor, Sort
from userapi.kit.errors import FieldError, InvalidInput

MAX_PAGE = 1_000_000
MAX_PER_PAGE = 100
DEFAULT_PER_PAGE = 20

COUNTED_ROWS = 10_000
"""Up to how many rows a list is counted, unless the exact number is asked for."""

SKIPPED_ROWS = 100_000
"""How many rows may come before a page that is asked for by its number, in a longer list."""

T = TypeVar("T")
U = TypeVar("U")


class Counting(StrEnum):
    """How the rows of a list are to be counted."""

    ESTIMATE = "estimate"
    EXACT = "exact"
    NONE = "none"


class Relation(StrEnum):
    """What a total has to do with the number of rows."""

    EQUAL = "eq"
    ESTIMATE = "estimate"
    AT_LEAST = "gte"


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has, and how that is meant."""

    rows: int
    relation: Relation = Relation.EQUAL


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: what follows `cursor`, or else the one with that number, from 1.

    `per_page` is the page's size.
    """

    page: int = 1
    per_page: int = DEFAULT_PER_PAGE
    cursor: Cursor | None = None
    total: Counting = Counting.ESTIMATE

    @property
    def offset(self) -> int:
        """How many rows come before the page with that number."""
        return (self.page - 1) * self.per_page

    def ensure_within_reach(self, total: Total) -> None:
        """Raise `InvalidInput` where too many rows would be skipped."""
        is_long = total.relation is not Relation.EQUAL or total.rows > COUNTED_ROWS
        if is_long and self.offset > SKIPPED_ROWS:
            detail = (
                f"In a list this long the first {SKIPPED_ROWS} rows have numbered pages; "
                "go on from a page's `next` with `cursor`."
            )
            raise InvalidInput([FieldError("too-deep", detail, parameter="page")])


@dataclass(frozen=True, slots=True)
class KeysetPage(Generic[T]):
    """Some rows of a list, and the cursors to those after and before, if there are any."""

    items: Sequence[T]
    next: Cursor | None = None
    prev: Cursor | None = None

    @property
    def next_cursor(self) -> Cursor | None:
        """What `next` was called before lists could go back."""
        return self.next


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, with the size of the whole list."""

    items: Sequence[T]
    page: int
    per_page: int
    total: int
    total_relation: Relation = Relation.EQUAL
    next: Cursor | None = None
    prev: Cursor | None = None
    is_numbered: bool = True

    def map(self, make: Callable[[T], U]) -> "Page[U]":
        """Return the same page of what `make` makes of each item."""
        return replace(cast("Page[Any]", self), items=[make(item) for item in self.items])

    @property
    def pages(self) -> int:
        """How many pages there are; 0 when there are no rows."""
        return -(-self.total // self.per_page)

    @property
    def last_number(self) -> int:
        """The highest number that a page may be asked for by."""
        is_short = self.total_relation is Relation.EQUAL and self.total <= COUNTED_ROWS
        return MAX_PAGE if is_short else SKIPPED_ROWS // self.per_page + 1


@dataclass(frozen=True, slots=True)
class KeysetRequest:
    """Up to `limit` rows are wanted: the first ones, or those that follow `cursor`."""

    limit: int = DEFAULT_PER_PAGE
    cursor: Cursor | None = None


def keyset_page_of(
    found: Sequence[T], limit: int, cursor: Cursor | None, sort: Sort, *, has_before: bool = False
) -> KeysetPage[T]:
    """Return the wanted ones of what was found, which is one row more where there are more.

    They were looked for in the direction of `cursor`; `has_before` tells that there are others
    before them where there is none.
    """
    has_more, items = len(found) > limit, list(found[:limit])
    if cursor is not None and cursor.is_backward:
        items.reverse()
        is_followed, is_preceded = True, has_more
    else:
        is_followed, is_preceded = has_more, cursor is not None or has_before
    if not items:
        return KeysetPage(items)
    following = sort.place_of(items[-1]) if is_followed else None
    before = sort.place_of(items[0], is_backward=True) if is_preceded else None
    return KeysetPage(items, next=following, prev=before)
