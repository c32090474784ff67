from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from support.applications import application, empty_tables, settings_of
from support.clocks import SetClock, set_clock
from tokens.keys import ASYMMETRIC
from userapi.kit.clock import utc_now
from userapi.sessions.settings import SessionSettings
from userapi.tokens.keys.ring import DEFAULT_AGES
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.services import provided


@pytest.fixture(scope="module", params=ASYMMETRIC)
def algorithm(request: pytest.FixtureRequest) -> Algorithm:
    """An algorithm with a key ring."""
    chosen: Algorithm = request.param
    return chosen


@pytest.fixture
def clock() -> SetClock:
    """The clock of `keyed_app`; it stands still."""
    return SetClock(utc_now().replace(microsecond=0))


@pytest.fixture(scope="module")
def signing_app(committing_app: Flask, algorithm: Algorithm) -> Iterator[Flask]:
    """An application that signs with keys, and really commits."""
    settings = (
        settings_of(committing_app)
        .replace(TokenSettings, algorithm=algorithm, key_ages=DEFAULT_AGES)
        .replace(SessionSettings, access_lifetime=timedelta(hours=1))
    )
    with application(settings) as app:
        yield app


@pytest.fixture
def keyed_app(signing_app: Flask, clock: SetClock) -> Iterator[Flask]:
    """An application that signs with keys and has none yet; its tables are emptied afterwards."""
    set_clock(signing_app, clock)
    yield signing_app
    empty_tables(signing_app)


@pytest.fixture
def keys(keyed_app: Flask) -> Iterator[SigningKeyService]:
    """The key ring of `keyed_app`, as a command uses it."""
    with keyed_app.app_context():
        yield provided(SigningKeyService)
