import pytest
from sqlalchemy.orm import Session

from support.rows import NOON, UNKNOWN_ID, add_user_row
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.principal import Role
from userapi.users.repository import UserRepository


@pytest.fixture
def users(scoped_session: ScopedSession) -> UserRepository:
    return UserRepository(db=scoped_session)


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
