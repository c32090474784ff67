from flask.testing import FlaskClient

from support.accounts import Account, Headers, Login, bearer, log_in, open_login
from support.answers import verdict
from support.paths import LOGOUT, ME, REFRESH


def test_a_logout_is_answered_with_a_message(client: FlaskClient, login: Login) -> None:
    answer = client.post(LOGOUT, headers=login.access)

    assert answer.status_code == 200
    assert answer.get_json() == {"message": "Successfully logged out"}


def test_then_the_access_token_is_dead(client: FlaskClient, login: Login) -> None:
    client.post(LOGOUT, headers=login.access)

    answer = client.get(ME, headers=login.access)

    assert verdict(answer) == (401, "session-ended")


def test_then_the_refresh_token_is_dead(client: FlaskClient, login: Login) -> None:
    client.post(LOGOUT, headers=login.access)

    answer = client.post(REFRESH, headers=login.refresh)

    assert verdict(answer) == (401, "session-ended")


def test_then_a_refreshed_token_is_dead_too(client: FlaskClient, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]
    client.post(LOGOUT, headers=login.access)

    answer = client.get(ME, headers=bearer(token))

    assert verdict(answer) == (401, "session-ended")


def test_a_refreshed_token_logs_the_whole_session_out(client: FlaskClient, login: Login) -> None:
    token = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]
    client.post(LOGOUT, headers=bearer(token))

    answer = client.get(ME, headers=login.access)

    assert verdict(answer) == (401, "session-ended")


def test_logging_out_twice_is_refused(client: FlaskClient, login: Login) -> None:
    client.post(LOGOUT, headers=login.access)

    answer = client.post(LOGOUT, headers=login.access)

    assert verdict(answer) == (401, "session-ended")


def test_the_users_other_sessions_go_on(client: FlaskClient, user: Account, login: Login) -> None:
    other = open_login(client, user)

    client.post(LOGOUT, headers=login.access)

    assert client.get(ME, headers=other.access).status_code == 200
    assert client.post(REFRESH, headers=other.refresh).status_code == 200


def test_the_sessions_of_others_go_on(
    client: FlaskClient, login: Login, other_headers: Headers
) -> None:
    client.post(LOGOUT, headers=login.access)

    assert client.get(ME, headers=other_headers).status_code == 200


def test_one_can_log_in_again(client: FlaskClient, user: Account, login: Login) -> None:
    client.post(LOGOUT, headers=login.access)

    headers = log_in(client, user)

    assert client.get(ME, headers=headers).status_code == 200
