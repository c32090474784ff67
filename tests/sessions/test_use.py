"""When and from where a session was last used: noted at most once a minute."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from support.accounts import Account, Login
from support.clocks import database_clock_of
from support.paths import ME, REFRESH
from support.rows import (
    NOON,
    add_session_row,
    add_user_row,
    at_minute,
    session_column_of,
    set_session_columns,
)
from support.statements import statements_on
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.kit.clock import utc_now
from userapi.sessions.models import UserSession
from userapi.sessions.repository import SessionRepository

MILLISECOND = timedelta(milliseconds=1)  # what SQLite's clock tells
MINUTE = timedelta(minutes=1)
HOME = ClientInfo(address="192.0.2.7", user_agent="curl/8.5.0")


@pytest.fixture
def session_id(db_session: Session, login: Login) -> uuid.UUID:
    """The session that `login` opened."""
    return db_session.execute(select(UserSession.id)).scalar_one()


def used_at(session: Session, session_id: uuid.UUID) -> datetime:
    moment: datetime = session_column_of(session, session_id, "last_used_at")
    return moment


def test_a_use_within_the_minute_is_not_noted(
    client: FlaskClient, db_session: Session, login: Login, session_id: uuid.UUID
) -> None:
    before = used_at(db_session, session_id)

    client.get(ME, headers=login.access)

    assert used_at(db_session, session_id) == before


def test_who_asks_is_read_by_one_statement_with_the_own_user(
    client: FlaskClient, connection: Connection, login: Login
) -> None:
    with statements_on(connection) as sent:
        client.get(ME, headers=login.access)

    (query,) = sent
    assert query.startswith("SELECT")
    assert "sessions" in query


def test_a_use_after_a_minute_is_noted_with_where_it_came_from(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    login: Login,
    session_id: uuid.UUID,
) -> None:
    set_session_columns(db_session, user.id, last_used_at=utc_now() - MINUTE)
    client.environ_base.update(HTTP_USER_AGENT="curl/8.5.0", REMOTE_ADDR="2001:db8::7")
    began = utc_now() - MILLISECOND

    answer = client.get(ME, headers=login.access)

    assert answer.status_code == 200
    assert used_at(db_session, session_id) >= began
    assert session_column_of(db_session, session_id, "address") == "2001:db8::7"
    assert session_column_of(db_session, session_id, "user_agent") == "curl/8.5.0"


def test_then_the_minute_begins_anew(
    client: FlaskClient,
    db_session: Session,
    connection: Connection,
    user: Account,
    login: Login,
) -> None:
    set_session_columns(db_session, user.id, last_used_at=utc_now() - MINUTE)

    with statements_on(connection) as sent:
        for _ in range(3):
            client.get(ME, headers=login.access)

    assert len([statement for statement in sent if statement.startswith("UPDATE")]) == 1


def test_a_copy_that_is_current_stays_so(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    tag = client.get(ME, headers=login.access).headers["ETag"]
    set_session_columns(db_session, user.id, last_used_at=utc_now() - MINUTE)

    answer = client.get(ME, headers={**login.access, "If-None-Match": tag})

    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


def test_a_write_can_follow_at_once(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    set_session_columns(db_session, user.id, last_used_at=utc_now() - MINUTE)

    answer = client.patch(user.path, json={"first_name": "Augusta"}, headers=login.access)

    assert answer.get_json()["first_name"] == "Augusta"


def test_a_refresh_is_a_use(
    client: FlaskClient, db_session: Session, login: Login, session_id: uuid.UUID
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = "curl/8.5.0"
    began = utc_now() - MILLISECOND

    client.post(REFRESH, headers=login.refresh)

    assert used_at(db_session, session_id) >= began
    assert session_column_of(db_session, session_id, "user_agent") == "curl/8.5.0"


def test_a_use_does_not_prolong_a_session(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    login: Login,
    session_id: uuid.UUID,
) -> None:
    before = session_column_of(db_session, session_id, "expires_at")
    set_session_columns(db_session, user.id, last_used_at=utc_now() - MINUTE)

    client.get(ME, headers=login.access)

    assert session_column_of(db_session, session_id, "expires_at") == before


@pytest.mark.parametrize(
    ("columns", "noted"),
    [
        ({}, True),
        ({"last_used_at": at_minute(59)}, True),
        ({"last_used_at": at_minute(59) + timedelta(microseconds=1)}, False),
        ({"revoked_at": at_minute(1)}, False),
        ({"expires_at": at_minute(60)}, False),
    ],
    ids=["idle", "a minute ago", "just now", "revoked", "expired"],
)
def test_a_use_is_noted_of_a_live_session_that_was_idle(
    db_session: Session,
    scoped_session: ScopedSession,
    transaction: UnitOfWork,
    columns: dict[str, Any],
    noted: bool,  # noqa: FBT001 - what is expected
) -> None:
    session_id = add_session_row(db_session, add_user_row(db_session, "a@example.com"), **columns)
    before = used_at(db_session, session_id)

    with transaction as tx:
        SessionRepository(db=scoped_session, clock=database_clock_of(lambda: at_minute(60))).touch(
            session_id, at_minute(60), last_before=at_minute(59), client_info=HOME
        )
        tx.commit()

    assert used_at(db_session, session_id) == (at_minute(60) if noted else before)
    assert before >= NOON
