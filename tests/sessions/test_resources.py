import uuid
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from sessions.logins import Login, bearer, open_login
from sessions.rows import set_session_columns
from support.accounts import PASSWORD, Account, log_in
from userapi.kit.clock import utc_now
from userapi.kit.passwords import HashingCost, PasswordHasher
from userapi.kit.tokens import TokenKind, TokenSubject
from userapi.sessions.models import Session as LoginSession
from userapi.web.tokens import JWTCodec
from users.rows import NOON, at_minute, column_of, set_columns

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
LOGOUT = "/api/v1/auth/logout"
USERS = "/api/v1/users"
ME = f"{USERS}/me"


def attempt(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    """Try to log in; requests of one name have comparable answers."""
    return client.post(
        LOGIN, json={"email": email, "password": password}, headers={"X-Request-Id": "attempt"}
    )


def verdict(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


@pytest.fixture
def login(client: FlaskClient, user: Account) -> Login:
    """A login of `user`."""
    return open_login(client, user)


class TestLogin:
    def test_a_login_is_answered_with_two_bearer_tokens(
        self, client: FlaskClient, user: Account
    ) -> None:
        answer = attempt(client, user.email)

        assert answer.status_code == 200
        document = answer.get_json()
        assert document.pop("access_token") != document.pop("refresh_token")
        assert document == {"token_type": "bearer", "expires_in": 3600}

    def test_the_access_token_works(self, client: FlaskClient, user: Account) -> None:
        token = attempt(client, user.email).get_json()["access_token"]

        assert client.get(ME, headers=bearer(token)).get_json()["id"] == user.id

    def test_the_address_may_be_in_another_case(self, client: FlaskClient, user: Account) -> None:
        answer = attempt(client, user.email.upper())

        assert answer.status_code == 200

    def test_an_address_stored_in_another_case_logs_in(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, email="Ada@Example.com")

        answer = attempt(client, "ada@example.com")

        assert answer.status_code == 200

    def test_the_password_is_not_taken_in_another_case(
        self, client: FlaskClient, user: Account
    ) -> None:
        answer = attempt(client, user.email, PASSWORD.upper())

        assert verdict(answer) == (401, "invalid-credentials")

    def test_a_wrong_password_is_refused(self, client: FlaskClient, user: Account) -> None:
        answer = attempt(client, user.email, "wrong password")

        assert verdict(answer) == (401, "invalid-credentials")

    def test_an_unknown_address_is_refused(self, client: FlaskClient) -> None:
        answer = attempt(client, "nobody@example.com")

        assert verdict(answer) == (401, "invalid-credentials")

    def test_an_unknown_address_and_a_wrong_password_get_the_same_bytes(
        self, client: FlaskClient, user: Account
    ) -> None:
        unknown = attempt(client, "nobody@example.com")
        wrong = attempt(client, user.email, "wrong password")

        assert unknown.data == wrong.data

    def test_an_unknown_address_and_a_wrong_password_get_the_same_headers(
        self, client: FlaskClient, user: Account
    ) -> None:
        unknown = attempt(client, "nobody@example.com")
        wrong = attempt(client, user.email, "wrong password")

        assert list(unknown.headers) == list(wrong.headers)

    def test_a_refusal_differs_between_requests_by_the_request_id_alone(
        self, client: FlaskClient, user: Account
    ) -> None:
        login = {"email": user.email, "password": "wrong password"}

        first, second = (client.post(LOGIN, json=login).get_json() for _ in range(2))

        assert first.pop("request_id") != second.pop("request_id")
        assert first == second

    def test_a_refusal_has_a_challenge(self, client: FlaskClient) -> None:
        answer = attempt(client, "nobody@example.com")

        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_deactivated_account_is_told_after_the_right_password(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = attempt(client, user.email)

        assert verdict(answer) == (401, "account-deactivated")

    def test_a_deactivated_account_is_not_told_after_a_wrong_password(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = attempt(client, user.email, "wrong password")

        assert answer.data == attempt(client, "nobody@example.com").data

    def test_a_deleted_account_is_unknown(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, deleted_at=NOON)

        answer = attempt(client, user.email)

        assert verdict(answer) == (401, "invalid-credentials")

    def test_a_deleted_and_deactivated_account_is_unknown(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, deleted_at=NOON, is_active=False)

        answer = attempt(client, user.email)

        assert verdict(answer) == (401, "invalid-credentials")

    @pytest.mark.parametrize("password", [PASSWORD, "wrong password"])
    def test_no_answer_has_the_password_or_a_hash(
        self, client: FlaskClient, user: Account, password: str
    ) -> None:
        body = attempt(client, user.email, password).text

        assert password not in body
        assert "argon2" not in body

    def test_no_cookie_is_set(self, client: FlaskClient, user: Account) -> None:
        answer = attempt(client, user.email)

        assert "Set-Cookie" not in answer.headers


class TestLoginInput:
    @pytest.mark.parametrize("field", ["email", "password"])
    def test_a_missing_field_is_named(self, client: FlaskClient, field: str) -> None:
        login = {"email": "ada@example.com", "password": PASSWORD}
        del login[field]

        answer = client.post(LOGIN, json=login)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/{field}"]

    @pytest.mark.parametrize("field", ["email", "password"])
    @pytest.mark.parametrize("value", [None, 7, [], {}])
    def test_a_field_that_is_no_text_is_named(
        self, client: FlaskClient, field: str, value: Any
    ) -> None:
        login = {"email": "ada@example.com", "password": PASSWORD, field: value}

        answer = client.post(LOGIN, json=login)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/{field}"]

    def test_an_unknown_field_is_named(self, client: FlaskClient, user: Account) -> None:
        answer = client.post(
            LOGIN, json={"email": user.email, "password": PASSWORD, "remember_me": True}
        )

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == ["/remember_me"]

    def test_a_login_takes_no_parameters(self, client: FlaskClient, user: Account) -> None:
        answer = client.post(f"{LOGIN}?next=/", json={"email": user.email, "password": PASSWORD})

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["next"]


class TestStoredHash:
    def test_a_hash_of_other_parameters_is_renewed_at_login(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        old = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1))
        set_columns(db_session, user.id, password_hash=old.hash(PASSWORD))

        attempt(client, user.email)

        stored = column_of(db_session, user.id, "password_hash")
        assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")

    def test_the_password_works_with_the_renewed_hash(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        old = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1))
        set_columns(db_session, user.id, password_hash=old.hash(PASSWORD))
        attempt(client, user.email)

        answer = attempt(client, user.email)

        assert answer.status_code == 200

    def test_a_wrong_password_does_not_renew_the_hash(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        old = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1))
        stored = old.hash(PASSWORD)
        set_columns(db_session, user.id, password_hash=stored)

        attempt(client, user.email, "wrong password")

        assert column_of(db_session, user.id, "password_hash") == stored

    def test_a_hash_of_todays_parameters_is_kept(
        self, client: FlaskClient, db_session: Session, user: Account, password_hash: str
    ) -> None:
        attempt(client, user.email)

        assert column_of(db_session, user.id, "password_hash") == password_hash

    def test_a_stored_text_that_is_no_hash_matches_no_password(
        self, client: FlaskClient, db_session: Session, user: Account
    ) -> None:
        set_columns(db_session, user.id, password_hash=PASSWORD)

        answer = attempt(client, user.email)

        assert verdict(answer) == (401, "invalid-credentials")


class TestClaims:
    @pytest.mark.parametrize("name", ["access_token", "refresh_token"])
    def test_the_subject_is_the_user_as_text(
        self, client: FlaskClient, user: Account, name: str
    ) -> None:
        tokens = attempt(client, user.email).get_json()

        assert claims_of(tokens[name])["sub"] == str(user.id)

    @pytest.mark.parametrize("name", ["access_token", "refresh_token"])
    def test_the_session_is_named(
        self, client: FlaskClient, db_session: Session, user: Account, name: str
    ) -> None:
        tokens = attempt(client, user.email).get_json()

        session_id = db_session.scalar(select(LoginSession.id))
        assert claims_of(tokens[name])["sid"] == str(session_id)

    def test_an_ordinary_user_is_no_admin(self, client: FlaskClient, user: Account) -> None:
        tokens = attempt(client, user.email).get_json()

        assert claims_of(tokens["access_token"])["is_admin"] is False

    def test_an_admin_is_one(self, client: FlaskClient, admin_user: Account) -> None:
        tokens = attempt(client, admin_user.email).get_json()

        assert claims_of(tokens["access_token"])["is_admin"] is True

    @pytest.mark.parametrize(
        ("name", "lifetime"), [("access_token", 3600), ("refresh_token", 30 * 24 * 3600)]
    )
    def test_a_token_expires(
        self, client: FlaskClient, user: Account, name: str, lifetime: int
    ) -> None:
        tokens = attempt(client, user.email).get_json()

        claims = claims_of(tokens[name])
        assert claims["exp"] - claims["iat"] == pytest.approx(lifetime, abs=2)

    @pytest.mark.parametrize("name", ["access_token", "refresh_token"])
    def test_a_token_tells_nothing_else_of_the_user(
        self, client: FlaskClient, user: Account, name: str
    ) -> None:
        tokens = attempt(client, user.email).get_json()

        assert set(claims_of(tokens[name])) <= {
            *("iss", "aud", "sub", "jti", "sid", "type", "fresh"),
            *("iat", "nbf", "exp", "is_admin", "csrf"),
        }


class TestRefresh:
    def test_a_refresh_is_answered_with_a_bearer_token(
        self, client: FlaskClient, login: Login
    ) -> None:
        answer = client.post(REFRESH, headers=login.refresh)

        assert answer.status_code == 200
        document = answer.get_json()
        assert bearer(document.pop("access_token")) != login.access
        assert document == {"token_type": "bearer", "expires_in": 3600}

    def test_the_new_access_token_works(
        self, client: FlaskClient, user: Account, login: Login
    ) -> None:
        token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

        assert client.get(ME, headers=bearer(token)).get_json()["id"] == user.id

    def test_the_old_access_token_goes_on_working(self, client: FlaskClient, login: Login) -> None:
        client.post(REFRESH, headers=login.refresh)

        assert client.get(ME, headers=login.access).status_code == 200

    def test_a_refreshed_token_cannot_refresh(self, client: FlaskClient, login: Login) -> None:
        token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

        answer = client.post(REFRESH, headers=bearer(token))

        assert verdict(answer) == (401, "token-invalid")

    def test_an_access_token_cannot_refresh(self, client: FlaskClient, login: Login) -> None:
        answer = client.post(REFRESH, headers=login.access)

        assert verdict(answer) == (401, "token-invalid")

    def test_without_a_token_nothing_is_refreshed(self, client: FlaskClient) -> None:
        answer = client.post(REFRESH)

        assert verdict(answer) == (401, "token-missing")

    def test_a_refresh_token_reads_nothing(self, client: FlaskClient, login: Login) -> None:
        answer = client.get(ME, headers=login.refresh)

        assert verdict(answer) == (401, "token-invalid")

    def test_a_refresh_token_does_not_log_out(self, client: FlaskClient, login: Login) -> None:
        answer = client.post(LOGOUT, headers=login.refresh)

        assert verdict(answer) == (401, "token-invalid")
        assert client.get(ME, headers=login.access).status_code == 200

    @pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
    def test_a_user_without_access_cannot_refresh(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        login: Login,
        columns: dict[str, Any],
    ) -> None:
        set_columns(db_session, user.id, **columns)

        answer = client.post(REFRESH, headers=login.refresh)

        assert verdict(answer) == (401, "session-ended")

    def test_a_refreshed_token_has_the_rights_of_the_moment(
        self, client: FlaskClient, db_session: Session, user: Account, login: Login
    ) -> None:
        set_columns(db_session, user.id, is_admin=True)

        token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

        assert claims_of(token)["is_admin"] is True


class TestLogout:
    def test_a_logout_is_answered_with_a_message(self, client: FlaskClient, login: Login) -> None:
        answer = client.post(LOGOUT, headers=login.access)

        assert answer.status_code == 200
        assert answer.get_json() == {"message": "Successfully logged out"}

    def test_then_the_access_token_is_dead(self, client: FlaskClient, login: Login) -> None:
        client.post(LOGOUT, headers=login.access)

        answer = client.get(ME, headers=login.access)

        assert verdict(answer) == (401, "session-ended")

    def test_then_the_refresh_token_is_dead(self, client: FlaskClient, login: Login) -> None:
        client.post(LOGOUT, headers=login.access)

        answer = client.post(REFRESH, headers=login.refresh)

        assert verdict(answer) == (401, "session-ended")

    def test_then_a_refreshed_token_is_dead_too(self, client: FlaskClient, login: Login) -> None:
        token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]
        client.post(LOGOUT, headers=login.access)

        answer = client.get(ME, headers=bearer(token))

        assert verdict(answer) == (401, "session-ended")

    def test_a_refreshed_token_logs_the_whole_session_out(
        self, client: FlaskClient, login: Login
    ) -> None:
        token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]
        client.post(LOGOUT, headers=bearer(token))

        answer = client.get(ME, headers=login.access)

        assert verdict(answer) == (401, "session-ended")

    def test_logging_out_twice_is_refused(self, client: FlaskClient, login: Login) -> None:
        client.post(LOGOUT, headers=login.access)

        answer = client.post(LOGOUT, headers=login.access)

        assert verdict(answer) == (401, "session-ended")

    def test_the_users_other_sessions_go_on(
        self, client: FlaskClient, user: Account, login: Login
    ) -> None:
        other = open_login(client, user)

        client.post(LOGOUT, headers=login.access)

        assert client.get(ME, headers=other.access).status_code == 200
        assert client.post(REFRESH, headers=other.refresh).status_code == 200

    def test_the_sessions_of_others_go_on(
        self, client: FlaskClient, login: Login, other_headers: dict[str, str]
    ) -> None:
        client.post(LOGOUT, headers=login.access)

        assert client.get(ME, headers=other_headers).status_code == 200

    def test_one_can_log_in_again(self, client: FlaskClient, user: Account, login: Login) -> None:
        client.post(LOGOUT, headers=login.access)

        headers = log_in(client, user)

        assert client.get(ME, headers=headers).status_code == 200


class TestSession:
    def test_an_expired_session_is_over_for_both_tokens(
        self, client: FlaskClient, db_session: Session, user: Account, login: Login
    ) -> None:
        set_session_columns(db_session, user.id, created_at=at_minute(-1), expires_at=at_minute(0))

        answers = client.get(ME, headers=login.access), client.post(REFRESH, headers=login.refresh)

        assert [verdict(answer) for answer in answers] == [(401, "session-ended")] * 2

    def test_a_token_of_an_unknown_session_is_refused(
        self, app: Flask, client: FlaskClient, user: Account
    ) -> None:
        subject = TokenSubject(user.id, uuid.uuid4(), is_admin=False)
        with app.app_context():
            token = JWTCodec().issue(
                TokenKind.ACCESS, subject, expires_at=utc_now() + timedelta(hours=1)
            )

        answer = client.get(ME, headers=bearer(token))

        assert verdict(answer) == (401, "session-ended")

    def test_a_token_that_names_the_session_of_another_is_refused(
        self,
        app: Flask,
        client: FlaskClient,
        db_session: Session,
        other_user: Account,
        login: Login,
    ) -> None:
        session_id = db_session.execute(select(LoginSession.id)).scalar_one()
        subject = TokenSubject(other_user.id, session_id, is_admin=False)
        with app.app_context():
            token = JWTCodec().issue(
                TokenKind.ACCESS, subject, expires_at=utc_now() + timedelta(hours=1)
            )

        answer = client.get(ME, headers=bearer(token))

        assert verdict(answer) == (401, "session-ended")


class TestChangeOfRights:
    def test_rights_that_were_taken_are_gone_on_the_next_request(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        admin_user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, admin_user.id, is_admin=False)

        answer = client.delete(f"{USERS}/{user.id}", headers=admin_headers)

        assert verdict(answer) == (403, "not-allowed")

    def test_rights_that_were_given_are_there_on_the_next_request(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        other_user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, is_admin=True)

        answer = client.delete(f"{USERS}/{other_user.id}", headers=auth_headers)

        assert answer.status_code == 204

    @pytest.fixture
    def boasting_headers(
        self, app: Flask, db_session: Session, user: Account, login: Login
    ) -> dict[str, str]:
        """The headers of a request by `user`, whose token claims an admin's rights."""
        session_id = db_session.execute(select(LoginSession.id)).scalar_one()
        subject = TokenSubject(user.id, session_id, is_admin=True)
        with app.app_context():
            return bearer(
                JWTCodec().issue(
                    TokenKind.ACCESS, subject, expires_at=utc_now() + timedelta(hours=1)
                )
            )

    def test_a_token_that_claims_an_admins_rights_does_not_give_them(
        self, client: FlaskClient, other_user: Account, boasting_headers: dict[str, str]
    ) -> None:
        answer = client.delete(f"{USERS}/{other_user.id}", headers=boasting_headers)

        assert verdict(answer) == (403, "not-allowed")

    @pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
    def test_access_that_was_taken_is_gone_on_the_next_request(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
        columns: dict[str, Any],
    ) -> None:
        set_columns(db_session, user.id, **columns)

        answer = client.get(ME, headers=auth_headers)

        assert verdict(answer) == (401, "session-ended")
