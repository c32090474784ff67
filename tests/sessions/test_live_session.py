"""The rows of the session and of its user decide about every request, not the token."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, bearer
from support.answers import verdict
from support.paths import ME, REFRESH
from support.rows import NOON, at_minute, set_columns, set_session_columns
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.sessions.models import UserSession
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec
from userapi.web.services import provided


def headers_for(app: Flask, subject: TokenSubject) -> Headers:
    """Return the headers of a request with an access token that says just this."""
    with app.app_context():
        now = utc_now()
        stamp = TokenClaims(str(uuid.uuid4()), now, now + timedelta(hours=1))
        return bearer(provided(JWTCodec).issue(TokenKind.ACCESS, subject, stamp))


@pytest.fixture
def session_id(db_session: Session, login: Login) -> uuid.UUID:
    """The session that `login` opened."""
    return db_session.execute(select(UserSession.id)).scalar_one()


def test_an_expired_session_is_over_for_both_tokens(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    set_session_columns(db_session, user.id, created_at=at_minute(-1), expires_at=at_minute(0))

    answers = client.get(ME, headers=login.access), client.post(REFRESH, headers=login.refresh)

    assert [verdict(answer) for answer in answers] == [(401, "session-ended")] * 2


def test_a_token_of_an_unknown_session_is_refused(
    app: Flask, client: FlaskClient, user: Account
) -> None:
    forged = headers_for(app, TokenSubject(user.id, uuid.uuid4(), is_admin=False))

    answer = client.get(ME, headers=forged)

    assert verdict(answer) == (401, "session-ended")


def test_a_token_that_names_the_session_of_another_is_refused(
    app: Flask, client: FlaskClient, other_user: Account, session_id: uuid.UUID
) -> None:
    forged = headers_for(app, TokenSubject(other_user.id, session_id, is_admin=False))

    answer = client.get(ME, headers=forged)

    assert verdict(answer) == (401, "session-ended")


def test_rights_that_were_taken_are_gone_on_the_next_request(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    set_columns(db_session, admin_user.id, role=Role.USER)

    answer = client.delete(user.path, headers=admin_headers)

    assert verdict(answer) == (403, "not-allowed")


def test_rights_that_were_given_are_there_on_the_next_request(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    other_user: Account,
    auth_headers: Headers,
) -> None:
    set_columns(db_session, user.id, role=Role.ADMIN)

    answer = client.delete(other_user.path, headers=auth_headers)

    assert answer.status_code == 204


def test_a_token_that_claims_an_admins_rights_does_not_give_them(
    app: Flask, client: FlaskClient, user: Account, other_user: Account, session_id: uuid.UUID
) -> None:
    boasting = headers_for(app, TokenSubject(user.id, session_id, is_admin=True))

    answer = client.delete(other_user.path, headers=boasting)

    assert verdict(answer) == (403, "not-allowed")


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_access_that_was_taken_is_gone_on_the_next_request(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    auth_headers: Headers,
    columns: dict[str, Any],
) -> None:
    set_columns(db_session, user.id, **columns)

    answer = client.get(ME, headers=auth_headers)

    assert verdict(answer) == (401, "session-ended")
