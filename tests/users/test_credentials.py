import pytest
from sqlalchemy.orm import Session

from support.rows import NOON, add_user_row
from userapi.db.session import ScopedSession
from userapi.users.repository import UserRepository


@pytest.fixture
def users(scoped_session: ScopedSession) -> UserRepository:
    """The repository, on the application's session."""
    return UserRepository(db=scoped_session)


@pytest.fixture
def alan(db_session: Session) -> int:
    """The id of a user."""
    return add_user_row(db_session, "alan@example.com", password_hash="the hash")


def test_credentials_are_found_by_address(users: UserRepository, alan: int) -> None:
    credentials = users.find_credentials("alan@example.com")

    assert credentials is not None
    assert (credentials.id, credentials.password_hash) == (alan, "the hash")


def test_credentials_are_found_whatever_the_stored_case(
    db_session: Session, users: UserRepository
) -> None:
    user_id = add_user_row(db_session, "Alan@Example.com")

    credentials = users.find_credentials("alan@example.com")

    assert credentials is not None
    assert credentials.id == user_id


def test_an_unknown_address_has_no_credentials(users: UserRepository, alan: int) -> None:
    assert users.find_credentials("nobody@example.com") is None


def test_a_deleted_user_has_no_credentials(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert users.find_credentials("alan@example.com") is None


def test_a_deactivated_user_has_credentials(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "alan@example.com", is_active=False)

    assert users.find_credentials("alan@example.com") is not None


def test_a_new_users_credentials_are_those_of_the_living(
    db_session: Session, users: UserRepository
) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)
    living = add_user_row(db_session, "alan@example.com")

    credentials = users.find_credentials("alan@example.com")

    assert credentials is not None
    assert credentials.id == living
