from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, bearer, try_login
from support.answers import all_but_the_name, parameters, pointers, verdict
from support.paths import LOGIN, ME
from support.rows import NOON, set_columns


def test_a_login_is_answered_with_two_bearer_tokens_and_a_device_token(
    client: FlaskClient, user: Account
) -> None:
    answer = try_login(client, user.email)

    assert answer.status_code == 200
    document = answer.get_json()
    assert document.pop("access_token") != document.pop("refresh_token")
    assert document.pop("device_token").startswith("uad_")
    assert document == {"token_type": "bearer", "expires_in": 3600}


def test_the_access_token_works(client: FlaskClient, user: Account) -> None:
    token = try_login(client, user.email).get_json()["access_token"]

    assert client.get(ME, headers=bearer(token)).get_json()["id"] == user.id


def test_the_address_may_be_in_another_case(client: FlaskClient, user: Account) -> None:
    answer = try_login(client, user.email.upper())

    assert answer.status_code == 200


def test_an_address_stored_in_another_case_logs_in(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, email="Ada@Example.com")

    answer = try_login(client, "ada@example.com")

    assert answer.status_code == 200


def test_the_password_is_not_taken_in_another_case(client: FlaskClient, user: Account) -> None:
    answer = try_login(client, user.email, PASSWORD.upper())

    assert verdict(answer) == (401, "invalid-credentials")


def test_a_wrong_password_is_refused(client: FlaskClient, user: Account) -> None:
    answer = try_login(client, user.email, "wrong password")

    assert verdict(answer) == (401, "invalid-credentials")


def test_an_unknown_address_is_refused(client: FlaskClient) -> None:
    answer = try_login(client, "nobody@example.com")

    assert verdict(answer) == (401, "invalid-credentials")


def test_an_unknown_address_and_a_wrong_password_get_the_same_bytes(
    client: FlaskClient, user: Account
) -> None:
    unknown = try_login(client, "nobody@example.com")
    wrong = try_login(client, user.email, "wrong password")

    assert all_but_the_name(unknown) == all_but_the_name(wrong)


def test_an_unknown_address_and_a_wrong_password_get_the_same_headers(
    client: FlaskClient, user: Account
) -> None:
    unknown = try_login(client, "nobody@example.com")
    wrong = try_login(client, user.email, "wrong password")

    assert all_but_the_name(unknown)[1] == all_but_the_name(wrong)[1]


def test_a_refusal_differs_between_requests_by_the_request_id_alone(
    client: FlaskClient, user: Account
) -> None:
    login = {"email": user.email, "password": "wrong password"}

    first, second = (client.post(LOGIN, json=login).get_json() for _ in range(2))

    assert first.pop("request_id") != second.pop("request_id")
    assert first == second


@pytest.mark.any_database
def test_a_refusal_has_a_challenge(client: FlaskClient) -> None:
    answer = try_login(client, "nobody@example.com")

    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_deactivated_account_is_told_after_the_right_password(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = try_login(client, user.email)

    assert verdict(answer) == (401, "account-deactivated")


def test_a_deactivated_account_is_not_told_after_a_wrong_password(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = try_login(client, user.email, "wrong password")

    assert all_but_the_name(answer) == all_but_the_name(try_login(client, "nobody@example.com"))


def test_a_deleted_account_is_unknown(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON)

    answer = try_login(client, user.email)

    assert verdict(answer) == (401, "invalid-credentials")


def test_a_deleted_and_deactivated_account_is_unknown(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON, is_active=False)

    answer = try_login(client, user.email)

    assert verdict(answer) == (401, "invalid-credentials")


@pytest.mark.parametrize("password", [PASSWORD, "wrong password"])
def test_no_answer_has_the_password_or_a_hash(
    client: FlaskClient, user: Account, password: str
) -> None:
    body = try_login(client, user.email, password).text

    assert password not in body
    assert "argon2" not in body


@pytest.mark.any_database
def test_no_cookie_is_set(client: FlaskClient, user: Account) -> None:
    answer = try_login(client, user.email)

    assert "Set-Cookie" not in answer.headers


# Input


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["email", "password"])
def test_a_missing_field_is_named(client: FlaskClient, field: str) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD}
    del login[field]

    answer = client.post(LOGIN, json=login)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", [None, 7, [], {}])
def test_a_field_that_is_no_text_is_named(client: FlaskClient, field: str, value: Any) -> None:
    login = {"email": "ada@example.com", "password": PASSWORD, field: value}

    answer = client.post(LOGIN, json=login)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
def test_an_unknown_field_is_named(client: FlaskClient, user: Account) -> None:
    answer = client.post(
        LOGIN, json={"email": user.email, "password": PASSWORD, "remember_me": True}
    )

    assert answer.status_code == 400
    assert pointers(answer) == ["/remember_me"]


@pytest.mark.any_database
def test_a_login_takes_no_parameters(client: FlaskClient, user: Account) -> None:
    answer = client.post(f"{LOGIN}?next=/", json={"email": user.email, "password": PASSWORD})

    assert answer.status_code == 400
    assert parameters(answer) == ["next"]
