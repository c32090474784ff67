"""Lists that change while they are read: no row comes twice, and none that stays is missed."""

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from support.rows import add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.directory.records import DirectoryQuery, UserSort
from userapi.directory.repository import DirectoryRepository
from userapi.users.models import User

if TYPE_CHECKING:
    from userapi.kit.cursor import Cursor

MINUTES = 20
NAMES = ("Ada", "ada", "Bo", "ÉMILIE", "Émilie")
WALKS = 12
SORTS = (*UserSort,)


@dataclass
class Crowd:
    """Users who come and go, many of them made in the same minute."""

    session: Session
    chance: random.Random
    made: int = 0

    def come(self) -> int:
        self.made += 1
        created_at = at_minute(self.chance.randrange(MINUTES))
        return add_user_row(
            self.session,
            f"u{self.chance.random()}@example.com",
            created_at=created_at,
            last_name=self.chance.choice(NAMES),
            first_name=self.chance.choice(NAMES),
        )

    def go(self) -> int | None:
        ids = list(self.session.scalars(select(User.id)))
        gone = self.chance.choice(ids) if ids else None
        self.session.execute(delete(User).where(User.id == gone))
        self.session.commit()
        return gone


@dataclass
class Walk:
    """A reader, who may turn round, and what was there all the time."""

    directory: DirectoryRepository
    crowd: Crowd
    stayed: set[int]

    def read(self, query: DirectoryQuery, direction: str) -> list[list[int]]:
        """Read to the end in that direction, while users come and go; return each page's ids."""
        pages = []
        while True:
            page = self.directory.list(query)
            pages.append([user.id for user in page.items])
            cursor: Cursor | None = getattr(page, direction)
            if cursor is None:
                return pages
            query = replace(query, cursor=cursor)
            for _ in range(self.crowd.chance.randrange(3)):
                self.crowd.come()
                self.stayed.discard(self.crowd.go() or 0)


@pytest.mark.parametrize("seed", range(WALKS))
@pytest.mark.parametrize("direction", ["next", "prev"])
def test_each_row_that_stays_comes_once(
    scoped_session: ScopedSession, db_session: Session, seed: int, direction: str
) -> None:
    crowd, directory = (
        Crowd(db_session, random.Random(seed)),
        DirectoryRepository(db=scoped_session),
    )
    stayed = {crowd.come() for _ in range(crowd.chance.randrange(1, 30))}
    query = DirectoryQuery(sort=SORTS[seed % len(SORTS)])
    if direction == "prev":
        last = directory.list(replace(query, per_page=100)).items[-1]
        query = replace(query, cursor=query.order.place_of(last, is_backward=True))
        stayed.remove(last.id)
    walk = Walk(directory, crowd, stayed)

    pages = walk.read(replace(query, per_page=crowd.chance.randrange(1, 6)), direction)

    read = [user_id for page in pages for user_id in page]
    assert len(read) == len(set(read))
    assert walk.stayed <= set(read)


def test_back_and_forth_leads_to_the_same_page(
    scoped_session: ScopedSession, db_session: Session
) -> None:
    crowd, directory = Crowd(db_session, random.Random(7)), DirectoryRepository(db=scoped_session)
    for _ in range(9):
        crowd.come()
    first = directory.list(DirectoryQuery(per_page=4))

    second = directory.list(DirectoryQuery(per_page=4, cursor=first.next))
    again = directory.list(DirectoryQuery(per_page=4, cursor=second.prev))

    assert again.items == first.items
    assert again.prev is None
    assert again.next == first.next
