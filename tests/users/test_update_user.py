"""Changes of users; those of their activity are looked at in test_user_activity.py."""

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import pointers, verdict
from support.paths import ME, USERS
from support.rows import NOON, UNKNOWN_ID, add_user_row, column_of, set_columns

pytestmark = pytest.mark.any_database


def test_people_change_their_own_names(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.patch(
        user.path, json={"first_name": "Augusta", "last_name": "King"}, headers=auth_headers
    )

    assert answer.status_code == 200
    assert answer.get_json()["full_name"] == "Augusta King"


def test_a_change_is_answered_as_it_is_read_later(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.patch(user.path, json={"first_name": "Augusta"}, headers=auth_headers)

    assert answer.get_json() == client.get(ME, headers=auth_headers).get_json()


def test_a_field_left_out_stays(client: FlaskClient, user: Account, auth_headers: Headers) -> None:
    answer = client.patch(user.path, json={"last_name": "King"}, headers=auth_headers)

    assert answer.get_json()["first_name"] == "Ada"


def test_a_change_moves_updated_at_alone(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    before = client.get(ME, headers=auth_headers).get_json()

    after = client.patch(user.path, json={"first_name": "Augusta"}, headers=auth_headers).get_json()

    assert after["created_at"] == before["created_at"]
    assert datetime.fromisoformat(after["updated_at"]) > datetime.fromisoformat(
        before["updated_at"]
    )


def test_an_empty_object_changes_nothing(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    before = client.get(ME, headers=auth_headers).get_json()

    answer = client.patch(user.path, json={}, headers=auth_headers)

    assert answer.status_code == 200
    assert answer.get_json() == before
    assert client.get(ME, headers=auth_headers).get_json() == before


def test_admins_change_the_names_of_others(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = client.patch(user.path, json={"first_name": "Augusta"}, headers=admin_headers)

    assert answer.status_code == 200
    assert answer.get_json()["first_name"] == "Augusta"


def test_people_do_not_change_others(
    client: FlaskClient, db_session: Session, user: Account, other_headers: Headers
) -> None:
    answer = client.patch(user.path, json={"first_name": "Eve"}, headers=other_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert column_of(db_session, user.id, "first_name") == "Ada"


def test_not_even_with_an_empty_object(
    client: FlaskClient, user: Account, other_headers: Headers
) -> None:
    answer = client.patch(user.path, json={}, headers=other_headers)

    assert answer.status_code == 403


@pytest.mark.parametrize("choice", ["true", "false"])
def test_people_do_not_change_their_own_activity(
    client: FlaskClient, user: Account, auth_headers: Headers, choice: str
) -> None:
    answer = client.patch(
        user.path,
        data=f'{{"is_active": {choice}}}',
        content_type="application/json",
        headers=auth_headers,
    )

    assert verdict(answer) == (403, "not-allowed")


def test_a_refused_activity_takes_the_whole_change_with_it(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    client.patch(
        user.path, json={"first_name": "Augusta", "is_active": False}, headers=auth_headers
    )

    assert column_of(db_session, user.id, "first_name") == "Ada"
    assert column_of(db_session, user.id, "is_active") is True


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.patch(
        f"{USERS}/{UNKNOWN_ID}", json={"first_name": "Augusta"}, headers=admin_headers
    )

    assert verdict(answer) == (404, "user-not-found")


@pytest.mark.parametrize("change", [{}, {"first_name": "A"}, {"is_active": False}])
def test_a_deleted_user_is_not_found(
    client: FlaskClient, db_session: Session, admin_headers: Headers, change: dict[str, Any]
) -> None:
    deleted = add_user_row(db_session, "a@example.com", deleted_at=NOON)

    answer = client.patch(f"{USERS}/{deleted}", json=change, headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["first_name", "last_name", "is_active"])
def test_null_is_refused_by_name(
    client: FlaskClient, user: Account, admin_headers: Headers, field: str
) -> None:
    answer = client.patch(user.path, json={field: None}, headers=admin_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ""),
        ("first_name", "x" * 101),
        ("first_name", 7),
        ("last_name", ""),
        ("last_name", "x" * 101),
        ("last_name", ["King"]),
        ("is_active", "false"),
        ("is_active", 0),
    ],
)
def test_a_bad_value_is_refused_by_name(
    client: FlaskClient, user: Account, admin_headers: Headers, field: str, value: Any
) -> None:
    answer = client.patch(user.path, json={field: value}, headers=admin_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_name_may_have_a_hundred_characters(
    client: FlaskClient, user: Account, auth_headers: Headers, field: str
) -> None:
    answer = client.patch(user.path, json={field: "ö" * 100}, headers=auth_headers)

    assert answer.status_code == 200
    assert answer.get_json()[field] == "ö" * 100


@pytest.mark.any_database
@pytest.mark.parametrize(
    "field",
    [
        "id",
        "email",
        "password",
        "password_hash",
        "full_name",
        "is_admin",
        "role",
        "created_at",
        "updated_at",
        "deleted_at",
    ],
)
def test_no_other_field_can_be_set(
    client: FlaskClient, user: Account, admin_headers: Headers, field: str
) -> None:
    answer = client.patch(user.path, json={field: True}, headers=admin_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


def test_a_name_from_before_is_still_read(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    set_columns(db_session, user.id, first_name="\u200b", last_name="\u202eAda")

    answer = client.patch(user.path, json={"first_name": "Ada"}, headers=auth_headers)

    assert (answer.status_code, answer.get_json()["last_name"]) == (200, "\u202eAda")


def test_the_language_of_the_mails_is_set_and_taken_back(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    client.patch(user.path, json={"language": "de"}, headers=auth_headers)
    assert client.get(ME, headers=auth_headers).get_json()["language"] == "de"

    client.patch(user.path, json={"language": None}, headers=auth_headers)
    assert client.get(ME, headers=auth_headers).get_json()["language"] is None
