from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from support.accounts import REGISTRATION, Account, Headers, log_in, register, try_login
from support.paths import ME


def test_a_registration_is_answered_with_the_user(client: FlaskClient) -> None:
    answer = register(client)

    assert answer.status_code == 201
    document = answer.get_json()
    del document["id"], document["created_at"], document["updated_at"]
    assert document == {
        "email": "alan@example.com",
        "email_verified": False,
        "first_name": "Alan",
        "last_name": "Turing",
        "full_name": "Alan Turing",
        "is_active": True,
        "role": "user",
        "is_admin": False,
        "language": None,
        "deleted_at": None,
    }


def test_the_id_is_a_positive_integer(client: FlaskClient) -> None:
    user_id = register(client).get_json()["id"]

    assert type(user_id) is int
    assert user_id > 0


def test_a_new_user_was_changed_when_it_was_made(client: FlaskClient) -> None:
    document = register(client).get_json()

    assert document["updated_at"] == document["created_at"]


def test_the_time_of_registration_is_in_utc(client: FlaskClient) -> None:
    text = register(client).get_json()["created_at"]

    assert datetime.fromisoformat(text).utcoffset() == timedelta(0)


def test_the_location_leads_to_the_user(client: FlaskClient, auth_headers: Headers) -> None:
    answer = register(client)

    found = client.get(answer.headers["Location"], headers=auth_headers)
    assert found.get_json() == answer.get_json()


def test_a_registered_user_can_log_in(client: FlaskClient) -> None:
    user_id = register(client).get_json()["id"]

    headers = log_in(client, Account(user_id, "alan@example.com", REGISTRATION["password"]))

    assert client.get(ME, headers=headers).get_json()["id"] == user_id


def test_an_address_is_kept_in_lower_case(client: FlaskClient) -> None:
    answer = register(client, email="Alan.Turing@EXAMPLE.com")

    assert answer.get_json()["email"] == "alan.turing@example.com"


def test_a_password_is_taken_exactly_as_it_is_sent(client: FlaskClient) -> None:
    register(client, password="  enigma bombe  ")

    answer = try_login(client, "alan@example.com", "enigma bombe")

    assert answer.status_code == 401


def test_names_may_be_in_any_script(client: FlaskClient) -> None:
    answer = register(client, first_name="慧", last_name="Ørsted-Đặng")

    assert answer.get_json()["full_name"] == "慧 Ørsted-Đặng"


def test_an_answer_has_neither_the_password_nor_a_hash(client: FlaskClient) -> None:
    body = register(client).text

    assert REGISTRATION["password"] not in body
    assert "argon2" not in body
    assert "password" not in body


def test_the_language_of_the_mails_is_stored(client: FlaskClient) -> None:
    answer = register(client, language="pt-BR")

    assert answer.get_json()["language"] == "pt-BR"


@pytest.mark.parametrize("language", ["", "d", "deutsch", "de_AT", "de-", "de\n", 7])
def test_what_is_no_language_tag_is_refused(client: FlaskClient, language: object) -> None:
    answer = register(client, language=language)

    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["pointer"] == "/language"
