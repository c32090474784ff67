"""A refresh token that comes again ends everything that ever came of its login."""

import itertools

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, bearer, open_login
from support.answers import assert_problem, verdict
from support.paths import ME, REFRESH
from userapi.audit.models import AuditEvent
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession


@pytest.fixture
def generations(client: FlaskClient, login: Login) -> list[Login]:
    """A login, and what four refreshes made of it; the newest comes last."""
    found = [login]
    for _ in range(4):
        found.append(refreshed(client, found[-1].refresh))
    return found


def refreshed(client: FlaskClient, refresh: Headers) -> Login:
    tokens = client.post(REFRESH, headers=refresh).get_json()
    return Login(access=bearer(tokens["access_token"]), refresh=bearer(tokens["refresh_token"]))


def events(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


@pytest.mark.parametrize("number", range(3))
def test_an_ancestor_that_is_no_parent_is_refused_as_reused(
    client: FlaskClient, generations: list[Login], number: int
) -> None:
    answer = client.post(REFRESH, headers=generations[number].refresh)

    assert_problem(answer, 401, "refresh-token-reused")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="userapi", error="invalid')


def test_then_every_token_of_the_family_is_dead(
    client: FlaskClient, generations: list[Login]
) -> None:
    client.post(REFRESH, headers=generations[0].refresh)

    reading = [client.get(ME, headers=login.access) for login in generations]
    refreshing = [client.post(REFRESH, headers=login.refresh) for login in generations]
    dead = itertools.repeat((401, "session-ended"), 2 * len(generations))
    assert [verdict(answer) for answer in reading + refreshing] == list(dead)


def test_the_users_other_sessions_go_on(
    client: FlaskClient, user: Account, generations: list[Login]
) -> None:
    other = open_login(client, user)

    client.post(REFRESH, headers=generations[0].refresh)

    assert client.get(ME, headers=other.access).status_code == 200
    assert client.post(REFRESH, headers=other.refresh).status_code == 200


def test_the_parent_of_the_newest_token_does_no_harm_at_once(
    client: FlaskClient, generations: list[Login]
) -> None:
    repeated = refreshed(client, generations[-2].refresh)

    assert repeated.refresh == generations[-1].refresh
    assert client.get(ME, headers=generations[0].access).status_code == 200


def test_each_refresh_and_each_repetition_is_recorded(
    client: FlaskClient, db_session: Session, login: Login
) -> None:
    first = refreshed(client, login.refresh)
    refreshed(client, login.refresh)
    refreshed(client, first.refresh)

    assert events(db_session) == [
        SessionEvent.CREATED,
        SessionEvent.REFRESHED,
        SessionEvent.REFRESH_REPEATED,
        SessionEvent.REFRESHED,
    ]


def test_a_reuse_is_recorded_once(
    client: FlaskClient, db_session: Session, user: Account, generations: list[Login]
) -> None:
    for _ in range(2):
        client.post(REFRESH, headers=generations[0].refresh)

    reuse = AuditEvent.event == SessionEvent.REFRESH_REUSED
    columns = (AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.object_id)
    session_id = db_session.execute(select(UserSession.id)).scalar_one()
    assert db_session.execute(select(*columns).where(reuse)).all() == [
        (None, user.id, str(session_id))
    ]
