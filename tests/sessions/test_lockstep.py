"""A refresh token that was replaced a moment ago comes again: only for the client that did it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, Login, add_user, bearer, open_login
from support.answers import verdict
from support.applications import application, empty_tables, engine_of, settings_for_testing
from support.databases import Server
from support.paths import ME, REFRESH
from userapi.audit.models import AuditEvent
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession

OWNER = "192.0.2.7"
THIEF = "198.51.100.66"
BROWSER = "Browser/1.0"


@dataclass(frozen=True)
class Refreshing:
    """Refreshes from any address, with any user agent."""

    client: FlaskClient

    def __call__(
        self, refresh: Headers, address: str = OWNER, user_agent: str = BROWSER
    ) -> TestResponse:
        headers = {**refresh, "User-Agent": user_agent}
        return self.client.post(REFRESH, headers=headers, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def refresh(client: FlaskClient) -> Refreshing:
    return Refreshing(client)


def refresh_token_in(answer: TestResponse) -> Headers:
    return bearer(answer.get_json()["refresh_token"])


def events(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.event).order_by(AuditEvent.id)))


def live_sessions(session: Session) -> int:
    return len(session.scalars(select(UserSession).where(UserSession.revoked_at.is_(None))).all())


def test_the_same_client_gets_the_same_successor_and_it_is_recorded(
    refresh: Refreshing, login: Login, db_session: Session
) -> None:
    first, second = refresh(login.refresh), refresh(login.refresh)

    assert refresh_token_in(second) == refresh_token_in(first)
    assert events(db_session)[1:] == [SessionEvent.REFRESHED, SessionEvent.REFRESH_REPEATED]


@pytest.mark.parametrize(
    "elsewhere",
    [(THIEF, BROWSER), (OWNER, "curl/8.0"), (OWNER, ""), ("unix:", BROWSER)],
    ids=["another address", "another user agent", "no user agent", "no address"],
)
def test_another_client_ends_the_session(
    refresh: Refreshing,
    login: Login,
    db_session: Session,
    elsewhere: tuple[str, str],
) -> None:
    newest = refresh(login.refresh)

    answer = refresh(login.refresh, *elsewhere)

    assert verdict(answer) == (401, "refresh-token-reused")
    assert live_sessions(db_session) == 0
    assert events(db_session)[-1] == SessionEvent.REFRESH_REUSED
    reading = refresh.client.get(ME, headers=login.access)
    assert verdict(reading) == (401, "session-ended")
    assert verdict(refresh(refresh_token_in(newest))) == (401, "session-ended")


def test_a_later_use_from_elsewhere_does_not_make_that_the_client_that_rotated(
    refresh: Refreshing, client: FlaskClient, login: Login, db_session: Session
) -> None:
    newest = refresh(login.refresh)
    access = bearer(newest.get_json()["access_token"])
    for row in db_session.scalars(select(UserSession)):
        row.last_used_at = row.created_at = row.created_at.replace(year=2020)
    db_session.commit()
    client.get(ME, headers=access, environ_base={"REMOTE_ADDR": THIEF})

    assert refresh(login.refresh).status_code == 200
    assert verdict(refresh(login.refresh, THIEF)) == (401, "refresh-token-reused")


def test_clients_without_an_address_are_one(refresh: Refreshing, login: Login) -> None:
    first = refresh(login.refresh, "")

    assert refresh_token_in(refresh(login.refresh, "unix:")) == refresh_token_in(first)


def test_an_address_of_the_same_network_is_the_same_client(
    refresh: Refreshing, login: Login
) -> None:
    first = refresh(login.refresh, "2001:db8:1:2::7")

    again = refresh(login.refresh, "2001:db8:1:2:ffff::8")

    assert refresh_token_in(again) == refresh_token_in(first)


def test_a_rotation_of_an_earlier_version_is_repeated_for_everybody(
    refresh: Refreshing, login: Login, db_session: Session
) -> None:
    first = refresh(login.refresh)
    for row in db_session.scalars(select(UserSession)):
        row.rotated_by = None
    db_session.commit()

    assert refresh_token_in(refresh(login.refresh, THIEF)) == refresh_token_in(first)


def test_a_thief_in_lockstep_is_found_out_at_the_first_step(
    refresh: Refreshing, login: Login, db_session: Session
) -> None:
    owner, followed = login.refresh, 0
    for _ in range(8):
        rotated = refresh(owner)
        if rotated.status_code != 200:
            break
        followed += refresh(owner, THIEF).status_code == 200
        owner = refresh_token_in(rotated)

    assert followed == 0
    assert events(db_session)[1:] == [SessionEvent.REFRESHED, SessionEvent.REFRESH_REUSED]


class TestBehindAProxy:
    """The address that counts is the one that the trusted proxy tells."""

    @pytest.fixture
    def login_behind(
        self, server: Server, template_url: str, tmp_path: Path, password_hash: str
    ) -> Iterator[tuple[FlaskClient, Login]]:
        """A client of a service behind one proxy, and a login."""
        with server.copy_of(template_url) as url:
            settings = settings_for_testing(url, tmp_path, TRUSTED_PROXIES="1")
            with application(settings) as app:
                with Session(engine_of(app)) as session:
                    ada: Account = add_user(session, password_hash, email="ada@example.com")
                client = app.test_client()
                yield client, open_login(client, ada)
                empty_tables(app)

    @pytest.mark.parametrize(("address", "status"), [(OWNER, 200), (THIEF, 401)])
    def test_the_forwarded_address_decides(
        self, login_behind: tuple[FlaskClient, Login], address: str, status: int
    ) -> None:
        client, login = login_behind
        client.post(REFRESH, headers={**login.refresh, "X-Forwarded-For": OWNER})

        again = client.post(REFRESH, headers={**login.refresh, "X-Forwarded-For": address})

        assert again.status_code == status
