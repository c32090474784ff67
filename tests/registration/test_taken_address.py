"""The e-mail address of a user who is not deleted is taken."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import Account, log_in, register
from support.answers import verdict
from support.paths import ME
from support.rows import set_columns
from userapi.users.models import User


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.Com"])
def test_a_taken_address_is_a_conflict(client: FlaskClient, user: Account, email: str) -> None:
    answer = register(client, email=email)

    assert verdict(answer) == (409, "email-taken")


def test_a_conflict_leaves_one_row(client: FlaskClient, db_session: Session, user: Account) -> None:
    register(client, email="ADA@example.com")

    assert db_session.scalar(select(func.count()).select_from(User)) == 1


def test_a_conflict_leaves_the_password_of_the_owner(client: FlaskClient, user: Account) -> None:
    register(client, email=user.email)

    assert client.get(ME, headers=log_in(client, user)).status_code == 200


def test_a_deactivated_users_address_is_taken(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = register(client, email=user.email)

    assert verdict(answer) == (409, "email-taken")
