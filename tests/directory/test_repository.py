import pytest
from sqlalchemy.orm import Session

from support.rows import NOON, add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.directory.records import DirectoryQuery
from userapi.directory.repository import DirectoryRepository


@pytest.fixture
def users(scoped_session: ScopedSession) -> DirectoryRepository:
    return DirectoryRepository(db=scoped_session)


def test_a_page_has_the_newest_first(db_session: Session, users: DirectoryRepository) -> None:
    middle = add_user_row(db_session, "b@example.com", created_at=at_minute(2))
    oldest = add_user_row(db_session, "a@example.com", created_at=at_minute(1))
    newest = add_user_row(db_session, "c@example.com", created_at=at_minute(3))

    page = users.list(DirectoryQuery())

    assert [user.id for user in page.items] == [newest, middle, oldest]


def test_users_of_the_same_moment_are_ordered_by_id(
    db_session: Session, users: DirectoryRepository
) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]

    page = users.list(DirectoryQuery())

    assert [user.id for user in page.items] == sorted(ids, reverse=True)


def test_a_page_skips_the_ones_before_it(db_session: Session, users: DirectoryRepository) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(5)]

    page = users.list(DirectoryQuery(page=2, per_page=2))

    assert [user.id for user in page.items] == [ids[2], ids[1]]


def test_a_page_counts_all_users(db_session: Session, users: DirectoryRepository) -> None:
    for number in range(5):
        add_user_row(db_session, f"{number}@example.com")

    page = users.list(DirectoryQuery(page=2, per_page=2))

    assert (page.total, page.pages) == (5, 3)


def test_an_empty_directory_has_no_pages(users: DirectoryRepository) -> None:
    page = users.list(DirectoryQuery())

    assert (list(page.items), page.total, page.pages) == ([], 0, 0)


def test_no_page_has_deleted_users(db_session: Session, users: DirectoryRepository) -> None:
    add_user_row(db_session, "a@example.com", deleted_at=NOON)

    page = users.list(DirectoryQuery())

    assert (list(page.items), page.total) == ([], 0)
