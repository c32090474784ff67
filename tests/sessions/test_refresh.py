import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Login, bearer
from support.answers import verdict
from support.paths import ME, REFRESH
from support.rows import NOON, set_columns
from support.tokens import claims_of
from userapi.kit.principal import Role
from userapi.sessions.models import UserSession


def test_a_refresh_is_answered_with_new_tokens(client: FlaskClient, login: Login) -> None:
    answer = client.post(REFRESH, headers=login.refresh)

    assert answer.status_code == 200
    document = answer.get_json()
    assert bearer(document.pop("access_token")) != login.access
    assert bearer(document.pop("refresh_token")) != login.refresh
    assert document == {"token_type": "bearer", "expires_in": 3600}


def test_the_new_refresh_token_refreshes(client: FlaskClient, user: Account, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["refresh_token"]

    again = client.post(REFRESH, headers=bearer(token)).get_json()

    assert client.get(ME, headers=bearer(again["access_token"])).get_json()["id"] == user.id


def test_a_token_sent_twice_at_once_gets_the_same_new_refresh_token(
    client: FlaskClient, login: Login
) -> None:
    first, second = (client.post(REFRESH, headers=login.refresh).get_json() for _ in range(2))

    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]


def test_a_session_stays_the_same_when_it_is_refreshed(
    client: FlaskClient, db_session: Session, login: Login
) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["refresh_token"]

    assert db_session.scalars(select(UserSession.id)).all() == [uuid.UUID(claims_of(token)["sid"])]


def test_no_refresh_token_is_kept(client: FlaskClient, db_session: Session, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["refresh_token"]

    kept = str(db_session.execute(select(UserSession.__table__)).one())
    sent = [login.refresh["Authorization"].removeprefix("Bearer "), token]
    secrets = [*sent, *(claims_of(it)["jti"] for it in sent)]
    assert [secret for secret in secrets if secret in kept] == []


def test_the_new_access_token_works(client: FlaskClient, user: Account, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

    assert client.get(ME, headers=bearer(token)).get_json()["id"] == user.id


def test_the_old_access_token_goes_on_working(client: FlaskClient, login: Login) -> None:
    client.post(REFRESH, headers=login.refresh)

    assert client.get(ME, headers=login.access).status_code == 200


def test_a_refreshed_token_cannot_refresh(client: FlaskClient, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

    answer = client.post(REFRESH, headers=bearer(token))

    assert verdict(answer) == (401, "token-invalid")


def test_an_access_token_cannot_refresh(client: FlaskClient, login: Login) -> None:
    answer = client.post(REFRESH, headers=login.access)

    assert verdict(answer) == (401, "token-invalid")


def test_without_a_token_nothing_is_refreshed(client: FlaskClient) -> None:
    answer = client.post(REFRESH)

    assert verdict(answer) == (401, "token-missing")


def test_a_refresh_token_reads_nothing(client: FlaskClient, login: Login) -> None:
    answer = client.get(ME, headers=login.refresh)

    assert verdict(answer) == (401, "token-invalid")


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_a_user_without_access_cannot_refresh(
    client: FlaskClient, db_session: Session, user: Account, login: Login, columns: dict[str, Any]
) -> None:
    set_columns(db_session, user.id, **columns)

    answer = client.post(REFRESH, headers=login.refresh)

    assert verdict(answer) == (401, "session-ended")


def test_a_refreshed_token_has_the_rights_of_the_moment(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    set_columns(db_session, user.id, role=Role.ADMIN)

    token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

    assert claims_of(token)["is_admin"] is True
