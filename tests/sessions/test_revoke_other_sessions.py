"""Ending all sessions but the one that asks; and as an admin all sessions of anybody."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, open_login
from support.answers import assert_problem, verdict
from support.paths import LOGOUT, ME, REFRESH, SESSIONS, USERS
from support.rows import UNKNOWN_ID
from userapi.audit.models import AuditEvent
from userapi.sessions.events import SessionEvent

pytestmark = pytest.mark.any_database


@pytest.fixture
def others(client: FlaskClient, user: Account) -> list[Login]:
    """Two more logins of `user`."""
    return [open_login(client, user), open_login(client, user)]


def recorded(session: Session) -> list[Any]:
    """Return who ended whose sessions, which, and what else is told of it."""
    columns = (
        AuditEvent.actor_id,
        AuditEvent.subject_id,
        AuditEvent.object_id,
        AuditEvent.details,
    )
    wanted = AuditEvent.event == SessionEvent.OTHERS_REVOKED
    return [tuple(row) for row in session.execute(select(*columns).where(wanted))]


def test_the_others_are_over_for_both_tokens(
    client: FlaskClient, login: Login, others: list[Login]
) -> None:
    answer = client.delete(SESSIONS, headers=login.access)

    assert (answer.status_code, answer.get_json()) == (200, {"revoked": 2})
    reading = [client.get(ME, headers=other.access) for other in others]
    refreshing = [client.post(REFRESH, headers=other.refresh) for other in others]
    assert [verdict(it) for it in reading + refreshing] == [(401, "session-ended")] * 4


def test_the_session_that_asks_goes_on(
    client: FlaskClient, login: Login, others: list[Login]
) -> None:
    client.delete(SESSIONS, headers=login.access)

    assert client.get(ME, headers=login.access).status_code == 200
    assert client.post(REFRESH, headers=login.refresh).status_code == 200


def test_the_sessions_of_other_users_go_on(
    client: FlaskClient, login: Login, other_headers: Headers
) -> None:
    client.delete(SESSIONS, headers=login.access)

    assert client.get(ME, headers=other_headers).status_code == 200


def test_those_that_have_ended_are_not_counted(
    client: FlaskClient, login: Login, others: list[Login]
) -> None:
    client.post(LOGOUT, headers=others[0].access)

    answer = client.delete(SESSIONS, headers=login.access)

    assert answer.get_json() == {"revoked": 1}


def test_one_call_is_recorded_once(
    client: FlaskClient, db_session: Session, user: Account, login: Login, others: list[Login]
) -> None:
    client.delete(SESSIONS, headers=login.access)

    assert recorded(db_session) == [(user.id, user.id, None, {"revoked": 2})]


def test_an_admin_ends_all_sessions_of_a_user(
    client: FlaskClient, user: Account, others: list[Login], admin_headers: Headers
) -> None:
    answer = client.delete(f"{user.path}/sessions", headers=admin_headers)

    assert (answer.status_code, answer.get_json()) == (200, {"revoked": 2})
    then = [client.get(ME, headers=other.access) for other in others]
    assert [verdict(it) for it in then] == [(401, "session-ended")] * 2


def test_the_admin_is_recorded_as_who_did_it(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    client.delete(f"{user.path}/sessions", headers=admin_headers)

    assert recorded(db_session) == [(admin_user.id, user.id, None, {"revoked": 0})]


def test_admins_who_name_themselves_stay_logged_in(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    elsewhere = open_login(client, admin_user)

    answer = client.delete(f"{admin_user.path}/sessions", headers=admin_headers)

    assert answer.get_json() == {"revoked": 1}
    assert client.get(ME, headers=admin_headers).status_code == 200
    assert client.get(ME, headers=elsewhere.access).status_code == 401


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.delete(f"{USERS}/{UNKNOWN_ID}/sessions", headers=admin_headers)

    assert_problem(answer, 404, "user-not-found")


def test_a_user_may_not_end_the_sessions_of_another(
    client: FlaskClient, other_user: Account, other_headers: Headers, auth_headers: Headers
) -> None:
    answer = client.delete(f"{other_user.path}/sessions", headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert client.get(ME, headers=other_headers).status_code == 200
