from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, bearer, log_in, open_login
from support.answers import verdict
from support.clocks import SetClock, clock_of
from support.paths import LOGOUT, ME, REFRESH
from userapi.audit.models import AuditEvent
from userapi.kit.clock import utc_now

pytestmark = pytest.mark.any_database


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


def test_a_refresh_token_logs_out_too(client: FlaskClient, login: Login) -> None:
    answer = client.post(LOGOUT, headers=login.refresh)

    assert answer.status_code == 200
    assert verdict(client.get(ME, headers=login.access)) == (401, "session-ended")
    assert verdict(client.post(REFRESH, headers=login.refresh)) == (401, "session-ended")


def test_a_refresh_token_logs_out_when_the_access_token_has_expired(
    app: Flask, client: FlaskClient, user: Account
) -> None:
    clock = SetClock(utc_now())
    with clock_of(app, clock):
        login = open_login(client, user)
        clock.move_on(timedelta(days=1))
        expired = client.post(LOGOUT, headers=login.access)
        answer = client.post(LOGOUT, headers=login.refresh)
        again = client.post(REFRESH, headers=login.refresh)

    assert verdict(expired) == (401, "token-expired")
    assert answer.status_code == 200
    assert verdict(again) == (401, "session-ended")


def test_a_refresh_token_that_was_replaced_logs_out_too(client: FlaskClient, login: Login) -> None:
    newest = client.post(REFRESH, headers=login.refresh).get_json()

    answer = client.post(LOGOUT, headers=login.refresh)

    assert answer.status_code == 200
    for kind, path in (("refresh_token", REFRESH), ("access_token", LOGOUT)):
        refused = client.post(path, headers=bearer(newest[kind]))
        assert verdict(refused) == (401, "session-ended")


def test_logging_out_by_refresh_token_is_recorded_alike(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    client.post(LOGOUT, headers=login.refresh)

    (event,) = db_session.scalars(select(AuditEvent).where(AuditEvent.event == "session:revoked"))
    assert (event.actor_id, event.subject_id) == (user.id, user.id)


def test_logging_out_twice_by_refresh_token_is_refused(client: FlaskClient, login: Login) -> None:
    client.post(LOGOUT, headers=login.refresh)

    answer = client.post(LOGOUT, headers=login.refresh)

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
