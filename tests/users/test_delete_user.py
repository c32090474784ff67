from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, open_login
from support.answers import verdict
from support.paths import ME, REFRESH, USERS
from support.rows import UNKNOWN_ID, column_of, set_columns


def test_admins_delete(client: FlaskClient, user: Account, admin_headers: Headers) -> None:
    answer = client.delete(user.path, headers=admin_headers)

    assert (answer.status_code, answer.data) == (204, b"")


def test_a_deleted_user_is_gone(client: FlaskClient, user: Account, admin_headers: Headers) -> None:
    client.delete(user.path, headers=admin_headers)

    answer = client.get(user.path, headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_the_row_is_kept(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    client.delete(user.path, headers=admin_headers)

    assert column_of(db_session, user.id, "email") == user.email
    assert column_of(db_session, user.id, "deleted_at") is not None


def test_deleting_twice_finds_nobody(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    client.delete(user.path, headers=admin_headers)

    answer = client.delete(user.path, headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.delete(f"{USERS}/{UNKNOWN_ID}", headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_people_do_not_delete_others(
    client: FlaskClient, db_session: Session, user: Account, other_headers: Headers
) -> None:
    answer = client.delete(user.path, headers=other_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert column_of(db_session, user.id, "deleted_at") is None


def test_people_do_not_delete_themselves(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    answer = client.delete(user.path, headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert column_of(db_session, user.id, "deleted_at") is None


def test_deletion_ends_all_sessions_at_once(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    login = open_login(client, user)

    client.delete(user.path, headers=admin_headers)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401


def test_a_deactivated_user_can_be_deleted(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = client.delete(user.path, headers=admin_headers)

    assert answer.status_code == 204
