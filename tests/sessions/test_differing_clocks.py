"""Hosts whose clocks differ by ten seconds, on one database: sessions go on from one to the other.

Each request is answered by an application of its own: the first host's, or the second's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Login, add_user, bearer, open_login
from support.applications import application, engine_of, settings_for_testing
from support.clocks import set_clock
from support.databases import Server
from support.paths import LOGOUT, ME, REFRESH, SESSIONS
from userapi.db.clock import DatabaseNow
from userapi.kit.clock import utc_now


@dataclass(frozen=True)
class WrongClock:
    """A clock that is wrong by so many seconds."""

    seconds: int

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return utc_now() + timedelta(seconds=self.seconds)


@pytest.fixture(params=[(10, -10), (-10, 10)], ids=str)
def hosts(
    request: pytest.FixtureRequest, server: Server, template_url: str, tmp_path: Path
) -> Iterator[tuple[Flask, Flask]]:
    """Two hosts on one database, by how much their clocks are wrong."""
    with server.copy_of(template_url) as url:
        settings = settings_for_testing(url, tmp_path, JWT_ACCESS_TOKEN_EXPIRES="60")
        with application(settings) as first, application(settings) as second:
            for app, seconds in zip((first, second), request.param, strict=True):
                set_clock(app, WrongClock(seconds), database_clock=DatabaseNow)
            yield first, second


@pytest.fixture
def clients(hosts: tuple[Flask, Flask]) -> tuple[FlaskClient, FlaskClient]:
    """A client of each host."""
    first, second = hosts
    return first.test_client(), second.test_client()


@pytest.fixture
def login(
    hosts: tuple[Flask, Flask], clients: tuple[FlaskClient, FlaskClient], password_hash: str
) -> Login:
    """A login on the first host."""
    with Session(engine_of(hosts[0])) as session:
        ada: Account = add_user(session, password_hash, email="ada@example.com")
    return open_login(clients[0], ada)


def tokens_in(answer: Any) -> Login:
    assert answer.status_code == 200, answer.get_json()
    tokens = answer.get_json()
    return Login(bearer(tokens["access_token"]), bearer(tokens["refresh_token"]))


def test_a_session_goes_on_from_one_host_to_the_other(
    clients: tuple[FlaskClient, FlaskClient], login: Login
) -> None:
    first, second = clients

    assert second.get(ME, headers=login.access).status_code == 200
    lost = tokens_in(first.post(REFRESH, headers=login.refresh))
    repeated = tokens_in(second.post(REFRESH, headers=login.refresh))
    assert repeated.refresh == lost.refresh
    newest = tokens_in(second.post(REFRESH, headers=repeated.refresh))
    for client in clients:
        assert client.get(ME, headers=newest.access).status_code == 200
    assert len(first.get(SESSIONS, headers=newest.access).get_json()["sessions"]) == 1
    assert first.post(LOGOUT, headers=newest.access).status_code == 200
    assert second.get(ME, headers=newest.access).status_code == 401
