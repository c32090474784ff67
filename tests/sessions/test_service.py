"""What HTTP does not show: the keys that sign, and callers whose access ends meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Login
from support.paths import REFRESH
from support.principals import principal_of
from support.rows import NOON, set_columns
from userapi.kit.errors import NotAllowed, SessionEnded
from userapi.kit.pagination import PageRequest
from userapi.sessions.services.lifecycle import SessionService
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec
from userapi.web.services import provided


@pytest.fixture
def devices(app: Flask, db_session: Session) -> Iterator[UserSessionService]:
    """The service, on the application's session."""
    with app.app_context():
        yield provided(UserSessionService)


class Signatures:
    """Watches which key each refresh token is to be signed with; `key_id` signs now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.key_id = "first"
        self.signed: list[str | None] = []
        issue = JWTCodec.issue

        def watch(
            codec: JWTCodec, kind: TokenKind, subject: TokenSubject, stamp: TokenClaims
        ) -> str:
            if kind is TokenKind.REFRESH:
                self.signed.append(stamp.key_id)
            return issue(codec, kind, subject, replace(stamp, key_id=None))

        monkeypatch.setattr(JWTCodec, "signing_key_id", lambda _codec: self.key_id)
        monkeypatch.setattr(JWTCodec, "issue", watch)


def test_a_repeated_answer_is_signed_with_the_key_of_the_first(
    client: FlaskClient, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures = Signatures(monkeypatch)
    client.post(REFRESH, headers=login.refresh)
    signatures.key_id = "second"

    client.post(REFRESH, headers=login.refresh)

    assert signatures.signed == ["first", "first"]


def test_a_new_refresh_token_is_signed_with_the_key_of_the_moment(
    client: FlaskClient, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures = Signatures(monkeypatch)
    signatures.key_id = "second"

    client.post(REFRESH, headers=login.refresh)

    assert signatures.signed == ["second"]


def test_a_caller_who_is_deleted_meanwhile_ends_no_sessions(
    db_session: Session, devices: UserSessionService, user: Account
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON)

    with pytest.raises(SessionEnded):
        devices.revoke_others(principal_of(user.id), user.id)


def test_a_caller_whose_session_ended_meanwhile_gets_no_tokens(
    app: Flask, db_session: Session, user: Account
) -> None:
    with app.app_context(), pytest.raises(SessionEnded):
        provided(SessionService).refresh(principal_of(user.id))


@pytest.mark.usefixtures("callers_as_given")
def test_the_service_refuses_strangers_too(
    devices: UserSessionService, user: Account, login: Login
) -> None:
    stranger = principal_of(user.id + 1)

    with pytest.raises(NotAllowed):
        devices.list(stranger, user.id, PageRequest())
    with pytest.raises(NotAllowed):
        devices.revoke_others(stranger, user.id)
    with pytest.raises(NotAllowed):
        devices.revoke(stranger, user.id, stranger.credential.session_id)
