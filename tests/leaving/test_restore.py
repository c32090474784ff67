"""An admin brings a closed account back, until its grace is over."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, open_login, register, try_login
from support.answers import verdict
from support.events import Written, written
from support.leaving import GRACE, close_long_ago
from support.paths import ME, REFRESH, USERS
from support.rows import UNKNOWN_ID, add_user_row, column_of, set_columns
from userapi.kit.clock import utc_now

MINUTE = timedelta(minutes=1)


def restore(client: FlaskClient, user_id: int, headers: Headers) -> tuple[int, str | None]:
    answer = client.post(f"{USERS}/{user_id}/restore", headers=headers)
    return (200, None) if answer.status_code == 200 else verdict(answer)


@pytest.fixture
def closed(client: FlaskClient, user: Account, admin_headers: Headers) -> Account:
    """A user whose account an admin has closed."""
    assert client.delete(user.path, headers=admin_headers).status_code == 204
    return user


def test_the_user_is_there_again_as_before(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    before = client.get(user.path, headers=admin_headers).get_json()
    client.delete(user.path, headers=admin_headers)

    answer = client.post(f"{user.path}/restore", headers=admin_headers)

    assert answer.get_json() == before | {"updated_at": answer.get_json()["updated_at"]}
    assert client.get(user.path, headers=admin_headers).status_code == 200


def test_it_can_log_in(client: FlaskClient, closed: Account, admin_headers: Headers) -> None:
    assert try_login(client, closed.email).status_code == 401

    restore(client, closed.id, admin_headers)

    assert try_login(client, closed.email).status_code == 200


def test_it_is_written_down(
    client: FlaskClient,
    db_session: Session,
    closed: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    restore(client, closed.id, admin_headers)

    assert written(db_session)[-1] == Written("user:restored", admin_user.id, closed.id, None, {})


def test_no_session_and_no_device_works_again(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    login: Login = open_login(client, user)
    known = try_login(client, user.email).get_json()["device_token"]
    client.delete(user.path, headers=admin_headers)

    restore(client, user.id, admin_headers)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401
    again = client.post(
        "/api/v1/auth/login",
        json={"email": user.email, "password": user.password, "device_token": known},
    )
    assert again.get_json()["device_token"] != known


def test_a_deactivated_user_comes_back_deactivated(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, is_active=False, deleted_at=utc_now())

    answer = client.post(f"{user.path}/restore", headers=admin_headers)

    assert answer.get_json()["is_active"] is False


def test_an_account_that_is_not_closed_stays_as_it_is(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    before = written(db_session)

    assert restore(client, user.id, admin_headers) == (200, None)
    assert written(db_session) == before


def test_an_address_that_somebody_else_has_by_now_is_taken(
    client: FlaskClient, db_session: Session, closed: Account, admin_headers: Headers
) -> None:
    register(client, email=closed.email.upper())

    assert restore(client, closed.id, admin_headers) == (409, "email-taken")
    assert column_of(db_session, closed.id, "deleted_at") is not None


def test_until_the_grace_is_over(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    close_long_ago(db_session, user.id, GRACE - MINUTE)

    assert restore(client, user.id, admin_headers) == (200, None)


def test_but_no_longer(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    closed_at = close_long_ago(db_session, user.id, GRACE)

    assert restore(client, user.id, admin_headers) == (404, "user-not-found")
    assert column_of(db_session, user.id, "deleted_at") == closed_at


def test_an_erased_user_is_not_found(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    now = utc_now()
    set_columns(db_session, user.id, deleted_at=now, erased_at=now)

    assert restore(client, user.id, admin_headers) == (404, "user-not-found")


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    assert restore(client, UNKNOWN_ID, admin_headers) == (404, "user-not-found")


def test_only_admins_restore(
    client: FlaskClient, db_session: Session, moderator_headers: Headers
) -> None:
    closed = add_user_row(db_session, "closed@example.com", deleted_at=utc_now())

    assert restore(client, closed, moderator_headers) == (403, "not-allowed")
