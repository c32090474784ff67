"""What no cache may keep."""

import pytest
from flask.testing import FlaskClient

from support.accounts import Account, Headers, bearer, try_login
from support.paths import ME, USERS

pytestmark = pytest.mark.any_database


def test_an_authenticated_answer_is_not_stored(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(ME, headers=auth_headers)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_an_authenticated_answer_without_a_body_is_not_stored(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = client.delete(user.path, headers=admin_headers)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (204, "no-store")


def test_an_authenticated_error_is_not_stored(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}/999999", headers=auth_headers)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_tokens_are_not_stored(client: FlaskClient, user: Account) -> None:
    answer = try_login(client, user.email)

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_a_refused_token_is_not_stored(testing: FlaskClient) -> None:
    answer = testing.get(ME, headers=bearer("forged"))

    assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
