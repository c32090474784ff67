import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from support.rows import NOON, add_user_row
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.users.errors import EmailTaken
from userapi.users.models import User
from userapi.users.repository import UserRepository


@pytest.fixture
def users(scoped_session: ScopedSession) -> UserRepository:
    return UserRepository(db=scoped_session)


def new_user(*, email: str = "alan@example.com", first_name: str = "Alan") -> User:
    return User(email=email, password_hash="none", first_name=first_name, last_name="Turing")


def test_an_added_user_has_an_id(users: UserRepository, transaction: UnitOfWork) -> None:
    with transaction as tx:
        user = users.save(new_user())
        tx.commit()

    assert user.id > 0


def test_an_added_user_is_returned_as_it_is_read(
    users: UserRepository, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        added = users.save(new_user())
        tx.commit()

    assert added == users.get(added.id)


def test_a_changed_user_is_returned_as_it_is_read(
    users: UserRepository, transaction: UnitOfWork
) -> None:
    with transaction as tx:
        user = new_user()
        users.save(user)
        user.first_name = "Grace"
        changed = users.save(user)
        tx.commit()

    assert (changed.first_name, changed.version) == ("Grace", 2)
    assert changed == users.get(changed.id)


@pytest.mark.parametrize("email", ["alan@example.com", "Alan@Example.com"])
def test_a_living_users_address_is_taken(
    db_session: Session, users: UserRepository, transaction: UnitOfWork, email: str
) -> None:
    add_user_row(db_session, "alan@example.com")

    with transaction, pytest.raises(EmailTaken):
        users.save(new_user(email=email))


def test_a_deleted_users_address_is_free(
    db_session: Session, users: UserRepository, transaction: UnitOfWork
) -> None:
    deleted = add_user_row(db_session, "alan@example.com", deleted_at=NOON)
    with transaction as tx:
        user = users.save(new_user(email="alan@example.com"))
        tx.commit()

    assert user.id > deleted


def test_another_broken_rule_is_not_taken_for_a_taken_address(
    users: UserRepository, transaction: UnitOfWork
) -> None:
    with transaction, pytest.raises(IntegrityError):
        users.save(new_user(first_name=""))


def test_an_empty_table_has_no_accounts(users: UserRepository) -> None:
    assert users.any_exist() is False


def test_an_account_exists(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "alan@example.com")

    assert users.any_exist() is True


def test_a_deleted_account_counts_as_well(db_session: Session, users: UserRepository) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert users.any_exist() is True
