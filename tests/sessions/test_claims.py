"""What the tokens of a login say."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, try_login
from support.tokens import claims_of
from userapi.sessions.models import UserSession


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_the_subject_is_the_user_as_text(client: FlaskClient, user: Account, name: str) -> None:
    tokens = try_login(client, user.email).get_json()

    assert claims_of(tokens[name])["sub"] == str(user.id)


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_the_session_is_named(
    client: FlaskClient, db_session: Session, user: Account, name: str
) -> None:
    tokens = try_login(client, user.email).get_json()

    session_id = db_session.scalar(select(UserSession.id))
    assert claims_of(tokens[name])["sid"] == str(session_id)


def test_an_ordinary_user_is_no_admin(client: FlaskClient, user: Account) -> None:
    tokens = try_login(client, user.email).get_json()

    assert claims_of(tokens["access_token"])["is_admin"] is False


def test_an_admin_is_one(client: FlaskClient, admin_user: Account) -> None:
    tokens = try_login(client, admin_user.email).get_json()

    assert claims_of(tokens["access_token"])["is_admin"] is True


@pytest.mark.parametrize(
    ("name", "lifetime"), [("access_token", 3600), ("refresh_token", 7 * 24 * 3600)]
)
def test_a_token_expires(client: FlaskClient, user: Account, name: str, lifetime: int) -> None:
    tokens = try_login(client, user.email).get_json()

    claims = claims_of(tokens[name])
    assert claims["exp"] - claims["iat"] == pytest.approx(lifetime, abs=2)


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_a_token_tells_nothing_else_of_the_user(
    client: FlaskClient, user: Account, name: str
) -> None:
    tokens = try_login(client, user.email).get_json()

    assert set(claims_of(tokens[name])) <= {
        *("iss", "aud", "sub", "jti", "sid", "type", "fresh"),
        *("iat", "nbf", "exp", "is_admin", "csrf"),
    }


def test_the_ids_of_first_refresh_tokens_have_256_bits_and_differ(
    client: FlaskClient, user: Account
) -> None:
    logins = [try_login(client, user.email).get_json() for _ in range(3)]

    ids = {claims_of(login["refresh_token"])["jti"] for login in logins}
    assert {len(bytes.fromhex(token_id)) for token_id in ids} == {32}
    assert len(ids) == 3
