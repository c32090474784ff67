from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from sessions.logins import open_login
from support.accounts import Account, log_in
from userapi.users.models import User
from users.rows import column_of, set_columns

USERS = "/api/v1/users"
ME = f"{USERS}/me"
POSTS = "/api/v1/posts"
LOGIN = "/api/v1/auth/login"
PASSWORD = "enigma bombe"


def register(client: FlaskClient, **changes: Any) -> TestResponse:
    registration = {
        "email": "alan@example.com",
        "password": PASSWORD,
        "first_name": "Alan",
        "last_name": "Turing",
    }
    return client.post(USERS, json={**registration, **changes})


def pointers(answer: TestResponse) -> list[str]:
    return [error["pointer"] for error in answer.get_json()["errors"]]


class TestRegistration:
    def test_a_registration_is_answered_with_the_user(self, client: FlaskClient) -> None:
        answer = register(client)

        assert answer.status_code == 201
        document = answer.get_json()
        del document["id"], document["created_at"], document["updated_at"]
        assert document == {
            "email": "alan@example.com",
            "first_name": "Alan",
            "last_name": "Turing",
            "full_name": "Alan Turing",
            "is_active": True,
            "is_admin": False,
        }

    def test_the_id_is_a_positive_integer(self, client: FlaskClient) -> None:
        user_id = register(client).get_json()["id"]

        assert type(user_id) is int
        assert user_id > 0

    def test_a_new_user_was_changed_when_it_was_made(self, client: FlaskClient) -> None:
        document = register(client).get_json()

        assert document["updated_at"] == document["created_at"]

    def test_the_time_of_registration_is_in_utc(self, client: FlaskClient) -> None:
        text = register(client).get_json()["created_at"]

        assert datetime.fromisoformat(text).utcoffset() == timedelta(0)

    def test_the_location_leads_to_the_user(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = register(client)

        found = client.get(answer.headers["Location"], headers=auth_headers)
        assert found.get_json() == answer.get_json()

    def test_a_registered_user_can_log_in(self, client: FlaskClient) -> None:
        user_id = register(client).get_json()["id"]

        headers = log_in(client, Account(user_id, "alan@example.com", PASSWORD))

        assert client.get(ME, headers=headers).get_json()["id"] == user_id

    def test_an_address_is_kept_in_lower_case(self, client: FlaskClient) -> None:
        answer = register(client, email="Alan.Turing@EXAMPLE.com")

        assert answer.get_json()["email"] == "alan.turing@example.com"

    def test_a_password_is_taken_exactly_as_it_is_sent(self, client: FlaskClient) -> None:
        register(client, password="  enigma bombe  ")

        answer = client.post(LOGIN, json={"email": "alan@example.com", "password": PASSWORD})

        assert answer.status_code == 401

    def test_names_may_be_in_any_script(self, client: FlaskClient) -> None:
        answer = register(client, first_name="慧", last_name="Ørsted-Đặng")

        assert answer.get_json()["full_name"] == "慧 Ørsted-Đặng"

    def test_an_answer_has_neither_the_password_nor_a_hash(self, client: FlaskClient) -> None:
        body = register(client).text

        assert PASSWORD not in body
        assert "argon2" not in body
        assert "password" not in body


class TestTakenAddress:
    @pytest.mark.parametrize("email", ["ada@example.com", "ADA@Example.Com"])
    def test_a_taken_address_is_a_conflict(
        self, client: FlaskClient, user: Account, email: str
    ) -> None:
        answer = register(client, email=email)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "email-taken")

    def test_a_conflict_leaves_one_row(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        register(client, email="ADA@example.com")

        assert db_session.scalar(select(func.count()).select_from(User)) == 1

    def test_a_conflict_leaves_the_password_of_the_owner(
        self, client: FlaskClient, user: Account
    ) -> None:
        register(client, email=user.email)

        assert client.get(ME, headers=log_in(client, user)).status_code == 200

    def test_a_deactivated_users_address_is_taken(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = register(client, email=user.email)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "email-taken")


class TestFreedAddress:
    @pytest.fixture(autouse=True)
    def _delete_user(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        """The user has written a post and logged in; then it was deleted."""
        self.old_login = open_login(client, user)
        client.post(POSTS, json={"title": "T", "content": "C"}, headers=self.old_login.access)
        client.delete(f"{USERS}/{user.id}", headers=admin_headers)

    def test_a_deleted_users_address_is_free(self, client: FlaskClient, user: Account) -> None:
        answer = register(client, email=user.email)

        assert answer.status_code == 201

    def test_it_is_free_in_another_case(self, client: FlaskClient, user: Account) -> None:
        answer = register(client, email=user.email.upper())

        assert answer.status_code == 201

    def test_it_is_free_once(self, client: FlaskClient, user: Account) -> None:
        register(client, email=user.email)

        answer = register(client, email=user.email)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "email-taken")

    def test_the_new_user_has_a_new_id(self, client: FlaskClient, user: Account) -> None:
        new_id = register(client, email=user.email).get_json()["id"]

        assert new_id > user.id

    def test_the_new_user_has_none_of_the_old_posts(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        new_id = register(client, email=user.email).get_json()["id"]

        page = client.get(f"{USERS}/{new_id}/posts", headers=admin_headers).get_json()

        assert (page["posts"], page["total"]) == ([], 0)

    def test_the_old_post_keeps_its_author(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        register(client, email=user.email)

        page = client.get(POSTS, headers=admin_headers).get_json()

        assert [post["author_id"] for post in page["posts"]] == [user.id]

    def test_the_old_tokens_stay_dead(self, client: FlaskClient, user: Account) -> None:
        register(client, email=user.email)

        assert client.get(ME, headers=self.old_login.access).status_code == 401
        assert (
            client.post("/api/v1/auth/refresh", headers=self.old_login.refresh).status_code == 401
        )

    def test_the_old_password_stays_dead(self, client: FlaskClient, user: Account) -> None:
        register(client, email=user.email)

        answer = client.post(LOGIN, json={"email": user.email, "password": user.password})

        assert (answer.status_code, answer.get_json()["code"]) == (401, "invalid-credentials")

    def test_the_new_password_logs_the_new_user_in(
        self, client: FlaskClient, user: Account
    ) -> None:
        new_id = register(client, email=user.email).get_json()["id"]

        headers = log_in(client, Account(new_id, user.email, PASSWORD))

        assert client.get(ME, headers=headers).get_json()["id"] == new_id

    def test_the_deleted_row_stays_deleted(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        register(client, email=user.email)

        assert column_of(db_session, user.id, "deleted_at") is not None


class TestInput:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", 7),
            ("is_admin", True),
            ("is_admin", False),
            ("is_active", False),
            ("full_name", "Alan Turing"),
            ("password_hash", "none"),
            ("created_at", "2026-01-31T09:30:00+00:00"),
            ("updated_at", "2026-01-31T09:30:00+00:00"),
            ("deleted_at", None),
        ],
    )
    def test_no_other_field_can_be_set(self, client: FlaskClient, field: str, value: Any) -> None:
        answer = register(client, **{field: value})

        assert answer.status_code == 400
        assert pointers(answer) == [f"/{field}"]

    @pytest.mark.parametrize("field", ["email", "password", "first_name", "last_name"])
    def test_a_missing_field_is_named(self, client: FlaskClient, field: str) -> None:
        registration = {
            "email": "alan@example.com",
            "password": PASSWORD,
            "first_name": "Alan",
            "last_name": "Turing",
        }
        del registration[field]

        answer = client.post(USERS, json=registration)

        assert answer.status_code == 400
        assert pointers(answer) == [f"/{field}"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", None),
            ("email", ""),
            ("email", 7),
            ("email", "alan"),
            ("email", "alan@"),
            ("email", "@example.com"),
            ("email", "alan turing@example.com"),
            ("email", f"alan@{'x' * 250}.com"),
            ("password", None),
            ("password", 12345678),
            ("password", "x" * 7),
            ("password", "x" * 129),
            ("first_name", None),
            ("first_name", ""),
            ("first_name", "x" * 101),
            ("first_name", 7),
            ("last_name", None),
            ("last_name", ""),
            ("last_name", "x" * 101),
            ("last_name", ["Turing"]),
        ],
    )
    def test_a_bad_value_is_refused_by_name(
        self, client: FlaskClient, field: str, value: Any
    ) -> None:
        answer = register(client, **{field: value})

        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid-input")
        assert set(pointers(answer)) == {f"/{field}"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("password", "x" * 8),
            ("password", "x" * 128),
            ("password", "ö" * 128),
            ("first_name", "x"),
            ("first_name", "ö" * 100),
            ("last_name", "x"),
            ("last_name", "ö" * 100),
        ],
    )
    def test_the_limits_themselves_are_allowed(
        self, client: FlaskClient, field: str, value: str
    ) -> None:
        answer = register(client, **{field: value})

        assert answer.status_code == 201

    def test_every_mistake_is_named_at_once(self, client: FlaskClient) -> None:
        answer = register(client, email="alan", password="short", is_admin=True)

        assert set(pointers(answer)) == {"/email", "/password", "/is_admin"}

    def test_a_refused_registration_makes_no_user(
        self, client: FlaskClient, db_session: Session
    ) -> None:
        register(client, is_admin=True)

        assert db_session.scalar(select(func.count()).select_from(User)) == 0

    def test_a_refusal_does_not_repeat_the_password(self, client: FlaskClient) -> None:
        password = "qwertz!" * 20

        body = register(client, password=password).text

        assert "qwertz" not in body

    def test_a_list_is_not_a_registration(self, client: FlaskClient) -> None:
        answer = client.post(USERS, json=[])

        assert answer.status_code == 400
        assert pointers(answer) == [""]

    def test_a_registration_takes_no_parameters(self, client: FlaskClient) -> None:
        answer = client.post(
            f"{USERS}?is_admin=true",
            json={
                "email": "alan@example.com",
                "password": PASSWORD,
                "first_name": "Alan",
                "last_name": "Turing",
            },
        )

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["is_admin"]
