"""Which users are wanted, and in which order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from userapi.kit.cursor import Cursor, Sort, Sorts, SortValue
from userapi.kit.pagination import Counting, Page, PageRequest
from userapi.kit.principal import Role
from userapi.users.records import UserRecord

MAX_IDS = 100
"""How many ids are looked up at most."""

MIN_SEARCHED, MAX_SEARCHED = 3, 254
"""How many characters a search has: the index has no fewer, and no address has more."""

T = TypeVar("T")

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class UserSort(StrEnum):
    """What users are sorted by; with a minus the greatest come first."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    EMAIL = "email"
    EMAIL_DESCENDING = "-email"
    NAME = "name"
    NAME_DESCENDING = "-name"

    @property
    def is_descending(self) -> bool:
        """Whether the greatest come first."""
        return self.startswith("-")


_FIELDS: Mapping[str, Mapping[str, type[SortValue]]] = {
    "created_at": {"created_at": datetime, "id": int},
    "email": {"email": str, "id": int},
    "name": {"last_name": str, "first_name": str, "id": int},
}


def _sorts(first: Mapping[str, type[SortValue]]) -> Sorts:
    """Return the orders that the directory can have, each within what comes first."""
    return Sorts(
        {
            sort: Sort(
                {**first, **_FIELDS[sort.removeprefix("-")]},
                is_descending=sort.is_descending,
                folded=("email", "last_name", "first_name"),
            )
            for sort in UserSort
        }
    )


USER_SORTS = _sorts({})
_RANKED_SORTS = _sorts({"rank": int})


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which criteria a filter has; some have few values, and these with them."""

    role: Role | None
    is_active: bool | None
    email_verified: bool | None
    has_ids: bool
    has_beginning: bool
    has_end: bool


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Users who are meant: all criteria that are given must hold, and None leaves one out.

    A user who was made at `created_after` is meant, one who was at `created_before` is not.
    """

    ids: Sequence[int] | None = None
    role: Role | None = None
    is_active: bool | None = None
    email_verified: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    @property
    def criteria(self) -> Criteria:
        """Which criteria it has: those that have the same ones are asked for alike."""
        return Criteria(
            role=self.role,
            is_active=self.is_active,
            email_verified=self.email_verified,
            has_ids=self.ids is not None,
            has_beginning=self.created_after is not None,
            has_end=self.created_before is not None,
        )


@dataclass(frozen=True, slots=True)
class DirectoryQuery(PageRequest):
    """Which page of the directory is wanted: of whom, and sorted by what.

    `search` is a part of the name or the address, `deleted` whether closed accounts are meant
    instead of living ones. A list `is_ranked` where a whole address is looked for, so that whoever
    has it comes first.
    """

    filter: UserFilter = field(default_factory=UserFilter)
    search: str | None = None
    sort: UserSort = UserSort.NEWEST
    deleted: bool = False
    is_ranked: bool = False

    @property
    def may_read_all(self) -> bool:
        """Whether there are values for which all users have to be read, whatever the indexes."""
        is_of_any = self.search is not None or self.total is Counting.EXACT
        return is_of_any and self.filter.ids is None

    @property
    def order(self) -> Sort:
        """How the list is ordered."""
        return (_RANKED_SORTS if self.is_ranked else USER_SORTS).by_name[self.sort]

    @property
    def ranks(self) -> tuple[int, int]:
        """The ranks of whoever has the address that is looked for, and of all others."""
        return (1, 0) if self.sort.is_descending else (0, 1)

    @property
    def is_at_first(self) -> bool:
        """Whether the list goes on from whoever has the address."""
        return self.cursor is not None and self.cursor.values[0] != self.ranks[1]

    @property
    def unranked(self) -> "DirectoryQuery":
        """The same where nobody has the address: all are others."""
        place = self.cursor
        if self.is_ranked and place is not None:
            place = replace(place, values=place.values[1:])
        return replace(self, is_ranked=False, cursor=place)

    def with_ranks(self, page: Page[T]) -> Page[T]:
        """Return a page of the `unranked` list as one of this list."""
        if not self.is_ranked:
            return page
        return replace(page, next=self._ranked(page.next), prev=self._ranked(page.prev))

    def _ranked(self, place: Cursor | None) -> Cursor | None:
        return None if place is None else replace(place, values=(self.ranks[1], *place.values))


@dataclass(frozen=True, slots=True)
class RankedUser(UserRecord):
    """A user who was found by a part of the address, or by all of it."""

    rank: int = 0


_CRITERIA = frozenset(criterion.name for criterion in fields(UserFilter))


def directory_query(
    *,
    active_only: bool,
    sort: UserSort,
    q: str | None = None,
    cursor: str | None = None,
    **others: Any,
) -> DirectoryQuery:
    """Return what a query string asks for; `is_active` outweighs `active_only`."""
    criteria = {name: others.pop(name) for name in _CRITERIA & others.keys()}
    if active_only and not others["deleted"]:
        criteria.setdefault("is_active", True)
    is_ranked = q is not None and _ADDRESS.fullmatch(q) is not None
    place = (_RANKED_SORTS if is_ranked else USER_SORTS).read(cursor, sort)
    return DirectoryQuery(
        filter=UserFilter(**criteria),
        search=q,
        sort=sort,
        cursor=place,
        is_ranked=is_ranked,
        **others,
    )
