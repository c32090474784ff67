"""Lists that change while they are read: no row comes twice, and none that stays is missed."""

import random
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from support.rows import add_user_row, at_minute
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.session import ScopedSession
from userapi.kit.cursor import Cursor
from userapi.kit.pagination import Page, PageRequest
from userapi.users.models import User
from userapi.users.records import NEWEST_FIRST, UserRecord

MINUTES = 20
WALKS = 12


class Lists(PagedRepository):
    def users(self, request: PageRequest) -> Page[UserRecord]:
        rows = select(*columns_of(User, UserRecord))
        return self._page(rows, request, sort=NEWEST_FIRST, record=UserRecord)


@dataclass
class Crowd:
    """Users who come and go, many of them made in the same minute."""

    session: Session
    chance: random.Random
    made: int = 0

    def come(self) -> int:
        self.made += 1
        created_at = at_minute(self.chance.randrange(MINUTES))
        return add_user_row(self.session, f"u{self.made}@example.com", created_at=created_at)

    def go(self) -> int | None:
        ids = list(self.session.scalars(select(User.id)))
        gone = self.chance.choice(ids) if ids else None
        self.session.execute(delete(User).where(User.id == gone))
        self.session.commit()
        return gone


@dataclass
class Walk:
    """A reader, who may turn round, and what was there all the time."""

    lists: Lists
    crowd: Crowd
    stayed: set[int]

    def read(self, request: PageRequest, direction: str) -> list[list[int]]:
        """Read to the end in that direction, while users come and go; return each page's ids."""
        pages = []
        while True:
            page = self.lists.users(request)
            pages.append([user.id for user in page.items])
            cursor: Cursor | None = getattr(page, direction)
            if cursor is None:
                return pages
            request = replace(request, cursor=cursor)
            for _ in range(self.crowd.chance.randrange(3)):
                self.crowd.come()
                self.stayed.discard(self.crowd.go() or 0)


@pytest.mark.parametrize("seed", range(WALKS))
@pytest.mark.parametrize("direction", ["next", "prev"])
def test_each_row_that_stays_comes_once(
    scoped_session: ScopedSession, db_session: Session, seed: int, direction: str
) -> None:
    crowd = Crowd(db_session, random.Random(seed))
    stayed = {crowd.come() for _ in range(crowd.chance.randrange(1, 30))}
    walk = Walk(Lists(db=scoped_session), crowd, stayed)
    request = PageRequest(per_page=crowd.chance.randrange(1, 6))
    if direction == "prev":
        oldest = min(db_session.scalars(select(User.created_at)))
        request = replace(request, cursor=Cursor((oldest, 0), is_backward=True))

    pages = walk.read(request, direction)

    read = [user_id for page in pages for user_id in page]
    assert len(read) == len(set(read))
    assert walk.stayed <= set(read)


def test_back_and_forth_leads_to_the_same_page(
    scoped_session: ScopedSession, db_session: Session
) -> None:
    crowd, lists = Crowd(db_session, random.Random(7)), Lists(db=scoped_session)
    for _ in range(9):
        crowd.come()
    first = lists.users(PageRequest(per_page=4))

    second = lists.users(PageRequest(per_page=4, cursor=first.next))
    again = lists.users(PageRequest(per_page=4, cursor=second.prev))

    assert again.items == first.items
    assert again.prev is None
    assert again.next == first.next
