"""Lifetimes, grace and reuse, with a clock that is moved by hand."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account
from support.applications import engine_of, settings_of
from support.clocks import database_clock_of, parts_with
from support.rows import NOON, session_column_of
from support.tokens import claims_of
from userapi.authentication.repository import CallerRepository
from userapi.db.session import Database
from userapi.kit.errors import SessionEnded
from userapi.login.service import LoginService
from userapi.sessions.errors import RefreshTokenReused
from userapi.sessions.records import TokenPair
from userapi.sessions.services.lifecycle import SessionService
from userapi.tokens.claims import TokenSubject, VerifiedToken

SECOND = timedelta(seconds=1)
GRACE = 10 * SECOND
DAY = timedelta(days=1)
IDLE = 7 * DAY
ABSOLUTE = 30 * DAY


@dataclass
class Service:
    """The services, and the time that they live in."""

    app: Flask
    now: datetime = NOON

    def __post_init__(self) -> None:
        session = self.app.extensions["sqlalchemy"].session
        database = Database(session=session, engine=engine_of(self.app))
        settings = settings_of(self.app)
        self._services = parts_with(settings, database, lambda: self.now)
        self._callers = CallerRepository(db=session, clock=database_clock_of(lambda: self.now))

    def log_in(self, user: Account) -> TokenPair:
        logins = self._services[LoginService]
        assert isinstance(logins, LoginService)
        return logins.log_in(user.email, PASSWORD)

    def refresh(self, tokens: TokenPair) -> TokenPair:
        """Present the refresh token, as `web.authentication` does with one that was verified."""
        claims = claims_of(tokens.refresh_token)
        subject = TokenSubject(int(claims["sub"]), uuid.UUID(claims["sid"]), is_admin=False)
        principal = self._callers.find_caller(VerifiedToken(subject, claims["jti"]))
        if principal is None:
            raise SessionEnded
        sessions = self._services[SessionService]
        assert isinstance(sessions, SessionService)
        return sessions.refresh(principal)


@pytest.fixture
def service(app: Flask, db_session: Session) -> Iterator[Service]:
    """The services at noon, on the application's session."""
    with app.app_context():
        yield Service(app)


@pytest.fixture
def tokens(service: Service, user: Account) -> TokenPair:
    """The tokens of a login at noon."""
    return service.log_in(user)


def expiry_of(token: str) -> datetime:
    return datetime.fromtimestamp(claims_of(token)["exp"], UTC)


def session_of(tokens: TokenPair) -> uuid.UUID:
    return uuid.UUID(claims_of(tokens.refresh_token)["sid"])


def test_a_session_ends_when_it_is_idle_for_too_long(service: Service, tokens: TokenPair) -> None:
    service.now += IDLE

    with pytest.raises(SessionEnded):
        service.refresh(tokens)


def test_until_then_it_can_be_refreshed(service: Service, tokens: TokenPair) -> None:
    service.now += IDLE - SECOND

    assert expiry_of(service.refresh(tokens).refresh_token) == service.now + IDLE


def test_a_session_that_is_used_ends_with_its_absolute_lifetime(
    service: Service, tokens: TokenPair
) -> None:
    for _ in range(5):
        service.now += IDLE - DAY
        if service.now < NOON + ABSOLUTE:
            tokens = service.refresh(tokens)

    assert service.now == NOON + ABSOLUTE
    with pytest.raises(SessionEnded):
        service.refresh(tokens)


def test_a_refresh_token_expires_with_what_is_left_of_the_session(
    service: Service, tokens: TokenPair
) -> None:
    for _ in range(4):
        service.now += IDLE - DAY
        tokens = service.refresh(tokens)

    assert service.now == NOON + ABSOLUTE - 6 * DAY
    assert expiry_of(tokens.refresh_token) == NOON + ABSOLUTE


def test_an_access_token_expires_with_the_session_too(service: Service, tokens: TokenPair) -> None:
    for _ in range(5):
        service.now += 6 * DAY - 360 * SECOND
        tokens = service.refresh(tokens)

    assert tokens.expires_in == 1800
    assert expiry_of(tokens.access_token) == NOON + ABSOLUTE


def test_a_repeated_answer_within_the_grace_is_the_same_refresh_token(
    service: Service, tokens: TokenPair
) -> None:
    first = service.refresh(tokens)
    service.now += GRACE - SECOND

    second = service.refresh(tokens)

    assert second.refresh_token == first.refresh_token
    assert expiry_of(second.access_token) == expiry_of(first.access_token) + GRACE - SECOND


def test_a_repeated_answer_leaves_the_session_as_it_was(
    db_session: Session, service: Service, tokens: TokenPair
) -> None:
    service.refresh(tokens)
    used_at = session_column_of(db_session, session_of(tokens), "last_used_at")
    service.now += SECOND

    service.refresh(tokens)

    assert session_column_of(db_session, session_of(tokens), "last_used_at") == used_at
    assert session_column_of(db_session, session_of(tokens), "rotated_at") == used_at


def test_a_repeated_answer_does_not_prolong_the_grace(service: Service, tokens: TokenPair) -> None:
    service.refresh(tokens)
    service.now += GRACE - SECOND
    service.refresh(tokens)
    service.now += SECOND

    with pytest.raises(RefreshTokenReused):
        service.refresh(tokens)


def test_after_the_grace_the_old_token_ends_the_session(
    db_session: Session, service: Service, tokens: TokenPair
) -> None:
    newest = service.refresh(tokens)
    service.now += GRACE

    with pytest.raises(RefreshTokenReused):
        service.refresh(tokens)

    assert session_column_of(db_session, session_of(tokens), "revoked_at") == service.now
    with pytest.raises(SessionEnded):
        service.refresh(newest)


def test_a_grandparent_ends_the_session_even_within_the_grace(
    service: Service, tokens: TokenPair
) -> None:
    newest = service.refresh(service.refresh(tokens))

    with pytest.raises(RefreshTokenReused):
        service.refresh(tokens)

    with pytest.raises(SessionEnded):
        service.refresh(newest)


def test_an_old_token_of_a_session_that_is_over_is_only_told_so(
    service: Service, tokens: TokenPair
) -> None:
    service.refresh(tokens)
    service.now += IDLE

    with pytest.raises(SessionEnded):
        service.refresh(tokens)
