"""How long a list is told to be, and how far its numbered pages reach."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from support.databases import on_postgresql
from support.rows import add_user_row, at_minute
from support.statements import statements_on
from userapi.db import pages
from userapi.db.session import ScopedSession
from userapi.kit import pagination
from userapi.kit.errors import InvalidInput
from userapi.kit.pagination import Counting, Page, PageRequest, Relation
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository

USERS = 9


@pytest.fixture
def users(scoped_session: ScopedSession, db_session: Session) -> UserRepository:
    """A list of nine."""
    for number in range(USERS):
        add_user_row(db_session, f"u{number}@example.com", created_at=at_minute(number))
    return UserRepository(db=scoped_session)


@pytest.fixture
def _counts_to_five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count up to five rows only, and let numbered pages begin within the first seven."""
    for module in (pagination, pages):
        monkeypatch.setattr(module, "COUNTED_ROWS", 5)
        monkeypatch.setattr(module, "SKIPPED_ROWS", 6)


def listed(users: UserRepository, request: PageRequest) -> Page[UserRecord]:
    return users.list(request, active_only=True)


@pytest.mark.parametrize("counting", [Counting.ESTIMATE, Counting.EXACT])
def test_a_short_list_is_counted(users: UserRepository, counting: Counting) -> None:
    page = listed(users, PageRequest(per_page=2, total=counting))

    assert (page.total, page.total_relation, page.pages) == (USERS, Relation.EQUAL, 5)


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("wanted", "counted"),
    [
        (PageRequest(), 0),
        (PageRequest(page=2, per_page=5), 0),
        (PageRequest(per_page=5), 1),
        (PageRequest(page=3, per_page=5), 1),
    ],
    ids=["all on one page", "the last page", "not the last", "past the end"],
)
def test_what_a_page_shows_is_not_counted(
    users: UserRepository, db_session: Session, wanted: PageRequest, counted: int
) -> None:
    with statements_on(db_session.connection()) as sent:
        page = listed(users, wanted)

    assert (page.total, page.total_relation) == (USERS, Relation.EQUAL)
    assert len([it for it in sent if "count(" in it]) == counted


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_a_long_list_is_estimated_but_never_below_what_was_counted(
    users: UserRepository, db_session: Session
) -> None:
    db_session.execute(text("ANALYZE users"))

    page = listed(users, PageRequest(per_page=2))

    assert page.total_relation is Relation.ESTIMATE
    assert page.total >= 6


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_a_list_that_was_long_is_not_counted_again_while_it_certainly_is(
    users: UserRepository, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.execute(text("ANALYZE users"))
    monkeypatch.setattr(pages, "_CERTAINLY_LONG", 2)
    totals = []
    for request in (PageRequest(per_page=2), PageRequest(per_page=2)):
        with statements_on(db_session.connection()) as sent:
            totals.append(listed(users, request).total_relation)
        counted = [it for it in sent if "count(" in it]
        totals.append(Relation.EQUAL if counted else Relation.ESTIMATE)

    assert totals == [Relation.ESTIMATE, Relation.EQUAL, Relation.ESTIMATE, Relation.ESTIMATE]


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_one_that_was_long_is_counted_when_it_may_be_short(
    users: UserRepository, db_session: Session
) -> None:
    assert listed(users, PageRequest(per_page=2)).total_relation is Relation.ESTIMATE
    db_session.execute(text("DELETE FROM users WHERE email > 'u3'"))

    page = listed(users, PageRequest(per_page=2))

    assert (page.total, page.total_relation) == (3, Relation.EQUAL)


@pytest.mark.usefixtures("_counts_to_five")
def test_a_long_list_is_counted_where_that_is_asked_for(users: UserRepository) -> None:
    page = listed(users, PageRequest(per_page=2, total=Counting.EXACT))

    assert (page.total, page.total_relation) == (USERS, Relation.EQUAL)


@pytest.mark.parametrize(
    ("number", "total", "relation"),
    [(1, 5, Relation.AT_LEAST), (2, 9, Relation.AT_LEAST), (3, 9, Relation.EQUAL)],
)
def test_nothing_is_counted_where_that_is_asked_for(
    users: UserRepository, number: int, total: int, relation: Relation
) -> None:
    page = listed(users, PageRequest(page=number, per_page=4, total=Counting.NONE))

    assert (page.total, page.total_relation) == (total, relation)


def test_the_rows_of_a_page_far_down_are_those_that_are_skipped_to(
    users: UserRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(users, PageRequest(page=2, per_page=4))
    monkeypatch.setattr(pages, "_SKIPPED_AT_ONCE", 0)

    assert listed(users, PageRequest(page=2, per_page=4)) == whole
    assert listed(users, PageRequest(page=4, per_page=4)).items == []


@pytest.mark.usefixtures("_counts_to_five")
def test_numbered_pages_of_a_long_list_have_an_end(users: UserRepository) -> None:
    assert len(listed(users, PageRequest(page=4, per_page=2)).items) == 2

    with pytest.raises(InvalidInput) as refused:
        listed(users, PageRequest(page=5, per_page=2))

    (error,) = refused.value.errors
    assert (error.parameter, error.code) == ("page", "too-deep")
    assert "cursor" in error.detail


def test_those_of_a_short_list_have_none(users: UserRepository) -> None:
    assert listed(users, PageRequest(page=1_000_000, per_page=100)).items == []
