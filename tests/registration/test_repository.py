import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from support.rows import NOON, add_user_row
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.registration.errors import EmailTaken
from userapi.registration.repository import AccountRepository
from userapi.users.models import User


@pytest.fixture
def accounts(scoped_session: ScopedSession) -> AccountRepository:
    return AccountRepository(session=scoped_session)


def new_user(*, email: str = "alan@example.com", first_name: str = "Alan") -> User:
    return User(email=email, password_hash="none", first_name=first_name, last_name="Turing")


def test_an_added_user_has_an_id(accounts: AccountRepository, transaction: UnitOfWork) -> None:
    user = new_user()

    with transaction as tx:
        accounts.add(user)
        tx.commit()

    assert user.id > 0


@pytest.mark.parametrize("email", ["alan@example.com", "Alan@Example.com"])
def test_a_living_users_address_is_taken(
    db_session: Session, accounts: AccountRepository, transaction: UnitOfWork, email: str
) -> None:
    add_user_row(db_session, "alan@example.com")

    with transaction, pytest.raises(EmailTaken):
        accounts.add(new_user(email=email))


def test_a_deleted_users_address_is_free(
    db_session: Session, accounts: AccountRepository, transaction: UnitOfWork
) -> None:
    deleted = add_user_row(db_session, "alan@example.com", deleted_at=NOON)
    user = new_user(email="alan@example.com")

    with transaction as tx:
        accounts.add(user)
        tx.commit()

    assert user.id > deleted


def test_another_broken_rule_is_not_taken_for_a_taken_address(
    accounts: AccountRepository, transaction: UnitOfWork
) -> None:
    with transaction, pytest.raises(IntegrityError):
        accounts.add(new_user(first_name=""))


def test_an_empty_table_has_no_accounts(accounts: AccountRepository) -> None:
    assert accounts.any_exist() is False


def test_an_account_exists(db_session: Session, accounts: AccountRepository) -> None:
    add_user_row(db_session, "alan@example.com")

    assert accounts.any_exist() is True


def test_a_deleted_account_counts_as_well(db_session: Session, accounts: AccountRepository) -> None:
    add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    assert accounts.any_exist() is True
