"""Login services with a throttle, on the application's session."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.clocks import SetClock
from support.logins import CountedLimit, Parts, WatchedHasher, login_service_of
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.login.service import LoginService


@pytest.fixture
def passwords(settings: Settings) -> WatchedHasher:
    """The watched passwords, at the cost of the tests."""
    return WatchedHasher(cost=settings.of(PasswordSettings).hashing_cost)


@pytest.fixture
def clock() -> SetClock:
    """The clock of the service."""
    return SetClock()


@pytest.fixture
def overall() -> CountedLimit:
    """The overall limit of failed logins."""
    return CountedLimit()


@pytest.fixture
def parts(passwords: WatchedHasher, clock: SetClock, overall: CountedLimit) -> Parts:
    """What the service is made of."""
    return Parts(passwords=passwords, clock=clock, overall=overall)


@pytest.fixture
def service(app: Flask, db_session: Session, parts: Parts) -> Iterator[LoginService]:
    """The service, on the application's session."""
    with app.app_context():
        yield login_service_of(app, parts)


@pytest.fixture
def throttled_client(
    app: Flask, parts: Parts, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    """A client of the application in which failed logins count."""
    monkeypatch.setitem(app.extensions["userapi"], LoginService, login_service_of(app, parts))
    return client
