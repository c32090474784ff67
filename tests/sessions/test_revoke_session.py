"""Ending one session: one's own, and as an admin anybody's."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, log_in, open_login
from support.answers import assert_problem, verdict
from support.paths import LOGOUT, ME, REFRESH, SESSIONS, USERS
from support.rows import UNKNOWN_ID
from support.tokens import claims_of
from userapi.audit.models import AuditEvent
from userapi.sessions.events import SessionEvent

pytestmark = pytest.mark.any_database


def session_id_of(login: Login) -> str:
    token = login.access["Authorization"].removeprefix("Bearer ")
    session_id: str = claims_of(token)["sid"]
    return session_id


@pytest.fixture
def phone(client: FlaskClient, user: Account) -> Login:
    """Another login of `user`."""
    return open_login(client, user)


@pytest.fixture
def strangers(client: FlaskClient, other_user: Account) -> Login:
    """A login of another user."""
    return open_login(client, other_user)


def recorded(session: Session) -> list[Any]:
    """Return who ended whose session, and which."""
    columns = (AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.object_id)
    wanted = AuditEvent.event == SessionEvent.REVOKED
    return [tuple(row) for row in session.execute(select(*columns).where(wanted))]


def test_the_session_is_over_for_both_tokens(
    client: FlaskClient, login: Login, phone: Login
) -> None:
    answer = client.delete(f"{SESSIONS}/{session_id_of(phone)}", headers=login.access)

    assert (answer.status_code, answer.data) == (204, b"")
    then = client.get(ME, headers=phone.access), client.post(REFRESH, headers=phone.refresh)
    assert [verdict(it) for it in then] == [(401, "session-ended")] * 2


def test_the_session_that_asks_goes_on(client: FlaskClient, login: Login, phone: Login) -> None:
    client.delete(f"{SESSIONS}/{session_id_of(phone)}", headers=login.access)

    assert client.get(ME, headers=login.access).status_code == 200


def test_a_session_may_end_itself(client: FlaskClient, login: Login) -> None:
    answer = client.delete(f"{SESSIONS}/{session_id_of(login)}", headers=login.access)

    assert answer.status_code == 204
    assert verdict(client.get(ME, headers=login.access)) == (401, "session-ended")


def test_an_identifier_may_be_written_in_capitals(
    client: FlaskClient, login: Login, phone: Login
) -> None:
    answer = client.delete(f"{SESSIONS}/{session_id_of(phone).upper()}", headers=login.access)

    assert answer.status_code == 204


def test_the_end_is_recorded(
    client: FlaskClient, db_session: Session, user: Account, login: Login, phone: Login
) -> None:
    client.delete(f"{SESSIONS}/{session_id_of(phone)}", headers=login.access)

    assert recorded(db_session) == [(user.id, user.id, session_id_of(phone))]


def test_the_session_of_another_is_not_found(
    client: FlaskClient, db_session: Session, login: Login, strangers: Login
) -> None:
    answer = client.delete(f"{SESSIONS}/{session_id_of(strangers)}", headers=login.access)

    assert_problem(answer, 404, "session-not-found")
    assert client.get(ME, headers=strangers.access).status_code == 200
    assert recorded(db_session) == []


def test_an_admin_finds_there_only_their_own_too(
    client: FlaskClient, login: Login, admin_headers: Headers
) -> None:
    answer = client.delete(f"{SESSIONS}/{session_id_of(login)}", headers=admin_headers)

    assert verdict(answer) == (404, "session-not-found")


def test_an_unknown_session_is_not_found(client: FlaskClient, login: Login) -> None:
    answer = client.delete(f"{SESSIONS}/{uuid.uuid4()}", headers=login.access)

    assert verdict(answer) == (404, "session-not-found")


def test_a_session_that_has_ended_is_not_found(
    client: FlaskClient, login: Login, phone: Login
) -> None:
    client.post(LOGOUT, headers=phone.access)

    answer = client.delete(f"{SESSIONS}/{session_id_of(phone)}", headers=login.access)

    assert verdict(answer) == (404, "session-not-found")


@pytest.mark.parametrize("name", ["1", "none", "5f0c2a4e7f0b4f5e9c593c2c0f2b7a11", "%00"])
def test_what_is_no_identifier_is_no_path(client: FlaskClient, login: Login, name: str) -> None:
    answer = client.delete(f"{SESSIONS}/{name}", headers=login.access)

    assert_problem(answer, 404, "path-not-found")


def test_an_admin_ends_the_session_of_a_user(
    client: FlaskClient, user: Account, login: Login, admin_headers: Headers
) -> None:
    path = f"{user.path}/sessions/{session_id_of(login)}"

    answer = client.delete(path, headers=admin_headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert verdict(client.get(ME, headers=login.access)) == (401, "session-ended")


def test_the_admin_is_recorded_as_who_did_it(
    client: FlaskClient, db_session: Session, user: Account, login: Login, admin_user: Account
) -> None:
    path = f"{user.path}/sessions/{session_id_of(login)}"

    client.delete(path, headers=log_in(client, admin_user))

    assert recorded(db_session) == [(admin_user.id, user.id, session_id_of(login))]


def test_an_admin_must_name_the_user_whose_it_is(
    client: FlaskClient, other_user: Account, login: Login, admin_headers: Headers
) -> None:
    path = f"{other_user.path}/sessions/{session_id_of(login)}"

    answer = client.delete(path, headers=admin_headers)

    assert verdict(answer) == (404, "session-not-found")
    assert client.get(ME, headers=login.access).status_code == 200


def test_an_unknown_user_has_no_sessions(
    client: FlaskClient, login: Login, admin_headers: Headers
) -> None:
    path = f"{USERS}/{UNKNOWN_ID}/sessions/{session_id_of(login)}"

    assert verdict(client.delete(path, headers=admin_headers)) == (404, "session-not-found")


def test_a_user_may_not_end_sessions_there(
    client: FlaskClient, other_user: Account, login: Login, strangers: Login
) -> None:
    path = f"{other_user.path}/sessions/{session_id_of(strangers)}"

    answer = client.delete(path, headers=login.access)

    assert verdict(answer) == (403, "not-allowed")
    assert client.get(ME, headers=strangers.access).status_code == 200
