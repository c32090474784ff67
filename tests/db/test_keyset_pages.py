"""Lists that are read by rows: whatever they are sorted by, every row comes once, and in order."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.rows import add_session_row, add_user_row, at_minute
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.session import ScopedSession
from userapi.kit.cursor import Sort
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.sessions.models import UserSession
from userapi.users.models import User

NAMES = ("Ada", "Edsger", "Grace", "Grace", "Ágnes", "Émilie")


@dataclass(frozen=True, slots=True)
class Name:
    id: int
    first_name: str


@dataclass(frozen=True, slots=True)
class Use:
    last_used_at: datetime
    id: uuid.UUID


class Lists(PagedRepository):
    def names(self, request: KeysetRequest, sort: Sort) -> KeysetPage[Name]:
        rows = select(*columns_of(User, Name))
        return self._keyset_page(rows, request, sort=sort, record=Name)

    def uses(self, request: KeysetRequest, sort: Sort) -> KeysetPage[Use]:
        rows = select(*columns_of(UserSession, Use))
        return self._keyset_page(rows, request, sort=sort, record=Use)


@pytest.fixture
def lists(scoped_session: ScopedSession) -> Lists:
    return Lists(db=scoped_session)


@pytest.mark.parametrize("limit", [1, 2, 3, 6])
@pytest.mark.parametrize("is_descending", [True, False])
def test_a_list_of_names_is_read_to_its_end(
    db_session: Session, lists: Lists, *, is_descending: bool, limit: int
) -> None:
    ids = {
        add_user_row(db_session, f"person{number}@example.com", first_name=name)
        for number, name in enumerate(NAMES)
    }
    sort = Sort({"first_name": str, "id": int}, is_descending=is_descending)
    whole = lists.names(KeysetRequest(limit=100), sort).items

    read: list[Name] = []
    cursor = None
    while True:
        page = lists.names(KeysetRequest(limit, cursor), sort)
        read += page.items
        if page.next_cursor is None:
            break
        cursor = sort.parse(str(page.next_cursor))

    assert read == list(whole)
    assert {name.id for name in read} == ids
    graces = [name.id for name in read if name.first_name == "Grace"]
    assert graces == sorted(graces, reverse=is_descending)


@pytest.mark.parametrize("is_descending", [True, False])
def test_a_list_of_random_ids_is_read_to_its_end(
    db_session: Session, lists: Lists, *, is_descending: bool
) -> None:
    user = add_user_row(db_session, "alan@example.com")
    times = {
        add_session_row(db_session, user, last_used_at=at_minute(number // 2)): number // 2
        for number in range(6)
    }
    sort = Sort({"last_used_at": datetime, "id": uuid.UUID}, is_descending=is_descending)

    read: list[Use] = []
    cursor = None
    while True:
        page = lists.uses(KeysetRequest(2, cursor), sort)
        read += page.items
        if page.next_cursor is None:
            break
        cursor = sort.parse(str(page.next_cursor))

    assert {use.id for use in read} == set(times)
    minutes = [times[use.id] for use in read]
    assert minutes == sorted(minutes, reverse=is_descending)
