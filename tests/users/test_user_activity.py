"""Deactivation and activation."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, log_in, open_login
from support.paths import ME, REFRESH
from support.rows import set_columns


def test_admins_deactivate(client: FlaskClient, user: Account, admin_headers: Headers) -> None:
    answer = client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    assert answer.status_code == 200
    assert answer.get_json()["is_active"] is False


def test_admins_activate_again(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = client.patch(user.path, json={"is_active": True}, headers=admin_headers)

    assert answer.status_code == 200
    assert answer.get_json()["is_active"] is True


def test_deactivating_twice_is_no_mistake(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    assert answer.status_code == 200


def test_deactivation_ends_all_sessions_at_once(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    logins = [open_login(client, user), open_login(client, user)]

    client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    statuses = [client.get(ME, headers=login.access).status_code for login in logins]
    statuses += [client.post(REFRESH, headers=login.refresh).status_code for login in logins]
    assert statuses == [401, 401, 401, 401]


def test_activation_does_not_revive_the_sessions(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    login = open_login(client, user)
    client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    client.patch(user.path, json={"is_active": True}, headers=admin_headers)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401


def test_after_activation_a_new_login_works(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    client.patch(user.path, json={"is_active": False}, headers=admin_headers)
    client.patch(user.path, json={"is_active": True}, headers=admin_headers)

    headers = log_in(client, user)

    assert client.get(ME, headers=headers).status_code == 200


def test_deactivation_leaves_the_sessions_of_others(
    client: FlaskClient, user: Account, admin_headers: Headers, other_headers: Headers
) -> None:
    client.patch(user.path, json={"is_active": False}, headers=admin_headers)

    assert client.get(ME, headers=other_headers).status_code == 200
