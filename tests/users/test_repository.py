import pytest
from sqlalchemy.orm import Session

from support.rows import NOON, UNKNOWN_ID, add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.pagination import PageRequest
from userapi.kit.principal import Role
from userapi.users.repository import UserRepository


@pytest.fixture
def users(scoped_session: ScopedSession) -> UserRepository:
    return UserRepository(db=scoped_session)


def test_a_page_has_the_newest_first(db_session: Session, users: UserRepository) -> None:
    middle = add_user_row(db_session, "b@example.com", created_at=at_minute(2))
    oldest = add_user_row(db_session, "a@example.com", created_at=at_minute(1))
    newest = add_user_row(db_session, "c@example.com", created_at=at_minute(3))

    page = users.list(PageRequest(), active_only=True)

    assert [user.id for user in page.items] == [newest, middle, oldest]


def test_users_of_the_same_moment_are_ordered_by_id(
    db_session: Session, users: UserRepository
) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]

    page = users.list(PageRequest(), active_only=True)

    assert [user.id for user in page.items] == sorted(ids, reverse=True)


def test_a_page_skips_the_ones_before_it(db_session: Session, users: UserRepository) -> None:
    ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(5)]

    page = users.list(PageRequest(page=2, per_page=2), active_only=True)

    assert [user.id for user in page.items] == [ids[2], ids[1]]


def test_a_page_counts_all_users(db_session: Session, users: UserRepository) -> None:
    for number in range(5):
        add_user_row(db_session, f"{number}@example.com")

    page = users.list(PageRequest(page=2, per_page=2), active_only=True)

    assert (page.total, page.pages) == (5, 3)


def test_an_empty_directory_has_no_pages(users: UserRepository) -> None:
    page = users.list(PageRequest(), active_only=True)

    assert (list(page.items), page.total, page.pages) == ([], 0, 0)


def test_active_only_leaves_the_deactivated_out(db_session: Session, users: UserRepository) -> None:
    active = add_user_row(db_session, "a@example.com")
    add_user_row(db_session, "b@example.com", is_active=False)

    page = users.list(PageRequest(), active_only=True)

    assert ([user.id for user in page.items], page.total) == ([active], 1)


def test_without_active_only_the_deactivated_are_there(
    db_session: Session, users: UserRepository
) -> None:
    active = add_user_row(db_session, "a@example.com", created_at=at_minute(1))
    inactive = add_user_row(db_session, "b@example.com", created_at=at_minute(2), is_active=False)

    page = users.list(PageRequest(), active_only=False)

    assert ([user.id for user in page.items], page.total) == ([inactive, active], 2)


def test_no_page_has_deleted_users(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "a@example.com", deleted_at=NOON)

    page = users.list(PageRequest(), active_only=False)

    assert (list(page.items), page.total) == ([], 0)


def test_get_reads_a_user(db_session: Session, users: UserRepository) -> None:
    user_id = add_user_row(db_session, "alan@example.com", created_at=NOON)

    record = users.get(user_id)

    assert record is not None
    assert (record.id, record.email, record.full_name, record.created_at) == (
        user_id,
        "alan@example.com",
        "Alan Turing",
        NOON,
    )


def test_get_does_not_find_a_deleted_user(db_session: Session, users: UserRepository) -> None:
    user_id = add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert users.get(user_id) is None


def test_get_does_not_find_an_unknown_user(users: UserRepository) -> None:
    assert users.get(UNKNOWN_ID) is None


def test_locking_finds_a_deactivated_user(
    db_session: Session, users: UserRepository, transaction: UnitOfWork
) -> None:
    user_id = add_user_row(db_session, "alan@example.com", is_active=False)

    with transaction:
        user = users.get_for_update(user_id)
        found = user is not None and user.id

    assert found == user_id


def test_locking_does_not_find_a_deleted_user(
    db_session: Session, users: UserRepository, transaction: UnitOfWork
) -> None:
    user_id = add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    with transaction:
        assert users.get_for_update(user_id) is None


def test_only_living_active_admins_count_as_active_admins(
    db_session: Session, users: UserRepository, transaction: UnitOfWork
) -> None:
    first = add_user_row(db_session, "a@example.com", role=Role.ADMIN)
    second = add_user_row(db_session, "b@example.com", role=Role.ADMIN)
    add_user_row(db_session, "c@example.com", role=Role.ADMIN, is_active=False)
    add_user_row(db_session, "d@example.com", role=Role.ADMIN, deleted_at=NOON)
    add_user_row(db_session, "e@example.com")

    with transaction:
        users.lock_with_active_admins(first)

        assert users.active_admin_ids() == {first, second}


def test_a_user_who_is_locked_with_the_admins_is_none_of_them(
    db_session: Session, users: UserRepository, transaction: UnitOfWork
) -> None:
    admin = add_user_row(db_session, "a@example.com", role=Role.ADMIN)
    user = add_user_row(db_session, "b@example.com")

    with transaction:
        users.lock_with_active_admins(user)

        assert users.active_admin_ids() == {admin}


def test_a_user_is_found_by_address_whatever_the_stored_case(
    db_session: Session, users: UserRepository
) -> None:
    user_id = add_user_row(db_session, "Alan@Example.com", is_active=False)

    found = users.find_by_email("alan@example.com")

    assert found is not None
    assert found.id == user_id


def test_a_deleted_user_is_not_found_by_address(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert users.find_by_email("alan@example.com") is None
