"""How long a list is told to be, and how far its numbered pages reach."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from support.databases import on_postgresql
from support.rows import add_user_row, at_minute
from support.statements import statements_on
from userapi.db import pages
from userapi.db.session import ScopedSession
from userapi.directory.records import DirectoryQuery
from userapi.directory.repository import DirectoryRepository
from userapi.kit import pagination
from userapi.kit.errors import InvalidInput
from userapi.kit.pagination import Counting, Relation

USERS = 9


@pytest.fixture
def users(scoped_session: ScopedSession, db_session: Session) -> DirectoryRepository:
    """A list of nine."""
    for number in range(USERS):
        add_user_row(db_session, f"u{number}@example.com", created_at=at_minute(number))
    return DirectoryRepository(db=scoped_session)


@pytest.fixture
def _counts_to_five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count up to five rows only, and let numbered pages begin within the first seven."""
    for module in (pagination, pages):
        monkeypatch.setattr(module, "COUNTED_ROWS", 5)
        monkeypatch.setattr(module, "SKIPPED_ROWS", 6)


@pytest.mark.parametrize("counting", [Counting.ESTIMATE, Counting.EXACT])
def test_a_short_list_is_counted(users: DirectoryRepository, counting: Counting) -> None:
    page = users.list(DirectoryQuery(per_page=2, total=counting))

    assert (page.total, page.total_relation, page.pages) == (USERS, Relation.EQUAL, 5)


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("wanted", "statements"),
    [
        (DirectoryQuery(), 1),
        (DirectoryQuery(page=2, per_page=5), 1),
        (DirectoryQuery(per_page=5), 1),
        (DirectoryQuery(page=3, per_page=5), 2),
    ],
    ids=["all on one page", "the last page", "not the last", "past the end"],
)
def test_a_page_is_read_with_the_number_of_all_rows(
    users: DirectoryRepository, db_session: Session, wanted: DirectoryQuery, statements: int
) -> None:
    with statements_on(db_session.connection()) as sent:
        page = users.list(wanted)

    assert (page.total, page.total_relation) == (USERS, Relation.EQUAL)
    assert len(sent) == statements


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_a_long_list_is_estimated_but_never_below_what_was_counted(
    users: DirectoryRepository, db_session: Session
) -> None:
    db_session.execute(text("ANALYZE users"))

    page = users.list(DirectoryQuery(per_page=2))

    assert page.total_relation is Relation.ESTIMATE
    assert page.total >= 6


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_a_guess_below_what_was_counted_is_no_estimate(
    users: DirectoryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DirectoryRepository, "_estimated", lambda *_: 6)

    page = users.list(DirectoryQuery(per_page=2))

    assert (page.total, page.total_relation) == (6, Relation.AT_LEAST)


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_a_list_that_was_long_is_not_counted_again_while_it_certainly_is(
    users: DirectoryRepository, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.execute(text("ANALYZE users"))
    monkeypatch.setattr(pages, "_CERTAINLY_LONG", 2)
    totals = []
    for request in (DirectoryQuery(per_page=2), DirectoryQuery(per_page=2)):
        with statements_on(db_session.connection()) as sent:
            totals.append(users.list(request).total_relation)
        counted = [it for it in sent if "count(" in it]
        totals.append(Relation.EQUAL if counted else Relation.ESTIMATE)

    assert totals == [Relation.ESTIMATE, Relation.EQUAL, Relation.ESTIMATE, Relation.ESTIMATE]


@on_postgresql
@pytest.mark.usefixtures("_counts_to_five")
def test_one_that_was_long_is_counted_when_it_may_be_short(
    users: DirectoryRepository, db_session: Session
) -> None:
    assert users.list(DirectoryQuery(per_page=2)).total > 5
    db_session.execute(text("DELETE FROM users WHERE email > 'u3'"))

    page = users.list(DirectoryQuery(per_page=2))

    assert (page.total, page.total_relation) == (3, Relation.EQUAL)


@pytest.mark.usefixtures("_counts_to_five")
def test_a_long_list_is_counted_where_that_is_asked_for(users: DirectoryRepository) -> None:
    page = users.list(DirectoryQuery(per_page=2, total=Counting.EXACT))

    assert (page.total, page.total_relation) == (USERS, Relation.EQUAL)


@pytest.mark.parametrize(
    ("number", "total", "relation"),
    [(1, 5, Relation.AT_LEAST), (2, 9, Relation.AT_LEAST), (3, 9, Relation.EQUAL)],
)
def test_nothing_is_counted_where_that_is_asked_for(
    users: DirectoryRepository, number: int, total: int, relation: Relation
) -> None:
    page = users.list(DirectoryQuery(page=number, per_page=4, total=Counting.NONE))

    assert (page.total, page.total_relation) == (total, relation)


def test_the_rows_of_a_page_far_down_are_those_that_are_skipped_to(
    users: DirectoryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = users.list(DirectoryQuery(page=2, per_page=4))
    monkeypatch.setattr(pages, "_SKIPPED_AT_ONCE", 0)

    assert users.list(DirectoryQuery(page=2, per_page=4)) == whole
    assert users.list(DirectoryQuery(page=4, per_page=4)).items == []


@pytest.mark.usefixtures("_counts_to_five")
def test_numbered_pages_of_a_long_list_have_an_end(users: DirectoryRepository) -> None:
    assert len(users.list(DirectoryQuery(page=4, per_page=2)).items) == 2

    with pytest.raises(InvalidInput) as refused:
        users.list(DirectoryQuery(page=5, per_page=2))

    (error,) = refused.value.errors
    assert (error.parameter, error.code) == ("page", "too-deep")
    assert "cursor" in error.detail


def test_those_of_a_short_list_have_none(users: DirectoryRepository) -> None:
    assert users.list(DirectoryQuery(page=1_000_000, per_page=100)).items == []
