from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers
from support.answers import parameters, verdict
from support.paths import ME, USERS
from support.rows import NOON, UNKNOWN_ID, add_user_row, column_of

USER_KEYS = {
    "id",
    "email",
    "email_verified",
    "first_name",
    "last_name",
    "full_name",
    "is_active",
    "role",
    "is_admin",
    "language",
    "created_at",
    "updated_at",
    "deleted_at",
}


def test_a_user_has_exactly_the_promised_fields(
    client: FlaskClient, user: Account, other_headers: Headers
) -> None:
    document = client.get(user.path, headers=other_headers).get_json()

    assert set(document) == USER_KEYS


def test_a_user_is_told_in_full(client: FlaskClient, user: Account, other_headers: Headers) -> None:
    document = client.get(user.path, headers=other_headers).get_json()

    del document["created_at"], document["updated_at"]
    assert document == {
        "id": user.id,
        "email": "ada@example.com",
        "email_verified": False,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "full_name": "Ada Lovelace",
        "is_active": True,
        "role": "user",
        "is_admin": False,
        "language": None,
        "deleted_at": None,
    }


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_times_are_in_utc_with_their_offset(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers, field: str
) -> None:
    written = column_of(db_session, user.id, field)

    text = client.get(ME, headers=auth_headers).get_json()[field]

    moment = datetime.fromisoformat(text)
    assert (moment, moment.utcoffset()) == (written, timedelta(0))


def test_an_admin_is_shown_as_one(
    client: FlaskClient, admin_user: Account, auth_headers: Headers
) -> None:
    document = client.get(admin_user.path, headers=auth_headers).get_json()

    assert (document["role"], document["is_admin"]) == ("admin", True)


def test_a_deactivated_user_can_be_read(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    inactive = add_user_row(db_session, "a@example.com", is_active=False)

    answer = client.get(f"{USERS}/{inactive}", headers=auth_headers)

    assert answer.status_code == 200
    assert answer.get_json()["is_active"] is False


def test_a_deleted_user_is_not_found(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    deleted = add_user_row(db_session, "a@example.com", deleted_at=NOON)

    answer = client.get(f"{USERS}/{deleted}", headers=auth_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_an_unknown_user_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}/{UNKNOWN_ID}", headers=auth_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_a_user_takes_no_parameters(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.get(f"{user.path}?fields=id", headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == ["fields"]


@pytest.mark.parametrize("path", [USERS, ME])
def test_no_answer_has_a_password_or_a_hash(
    client: FlaskClient, auth_headers: Headers, path: str
) -> None:
    body = client.get(path, headers=auth_headers).text

    assert PASSWORD not in body
    assert "argon2" not in body
    assert "password" not in body
