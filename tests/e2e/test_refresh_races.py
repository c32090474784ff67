"""Refreshes that race each other, in several processes.

`make races` runs 200 rounds of each, `make test` a twentieth or a little more.
"""

from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, Login, add_user
from support.paths import LOGOUT, ME, REFRESH
from support.races import login_in, open_login_over_http, race, racing_client, scaled
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession

pytestmark = pytest.mark.race

PARALLEL = 50
ROUNDS = scaled(200)
THIEVES = ({"X-Forwarded-For": "203.0.113.9"}, {"User-Agent": "another program"})
"""What tells thieves from their victim: the address, or the user agent."""


@pytest.fixture
def ada(committed: Session, settings: Settings) -> Account:
    """Who logs in."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    account = add_user(committed, hashed, email="ada@example.com")
    committed.rollback()  # whoever has only looked holds SQLite's lock too
    return account


def refresh(client: httpx.Client, headers: Headers) -> Callable[[], httpx.Response]:
    return lambda: client.post(REFRESH, headers=headers)


def log_out(client: httpx.Client, headers: Headers) -> Callable[[], httpx.Response]:
    return lambda: client.post(LOGOUT, headers=headers)


def live_sessions(session: Session) -> int:
    found = session.scalars(select(UserSession.id).where(UserSession.revoked_at.is_(None))).all()
    session.rollback()
    return len(found)


def events(session: Session) -> Counter[str]:
    found = Counter(session.scalars(select(AuditEvent.event)))
    session.rollback()
    return found


def statuses_of(client: httpx.Client, logins: list[Login]) -> set[int]:
    """Return how every token of these is answered."""
    reading = [client.get(ME, headers=login.access) for login in logins]
    refreshing = [client.post(REFRESH, headers=login.refresh) for login in logins]
    return {answer.status_code for answer in reading + refreshing}


def test_many_uses_of_one_token_leave_one_live_branch(
    url: str, committed: Session, ada: Account
) -> None:
    for _ in range(ROUNDS):
        with racing_client(url, PARALLEL) as client:
            login = open_login_over_http(client, ada.email)

            answers = race([refresh(client, login.refresh)] * PARALLEL)

            assert Counter(answer.status_code for answer in answers) == Counter({200: PARALLEL})
            (successor,) = {answer.json()["refresh_token"] for answer in answers}
            assert successor not in login.refresh["Authorization"]
            last = refresh(client, login_in(answers[0]).refresh)()
            assert last.status_code == 200
            assert live_sessions(committed) == 1
            # Nobody may have as many live sessions as there are rounds.
            assert log_out(client, login_in(last).refresh)().status_code == 200
    assert events(committed) == {
        SessionEvent.CREATED: ROUNDS,
        SessionEvent.REFRESHED: 2 * ROUNDS,
        SessionEvent.REFRESH_REPEATED: (PARALLEL - 1) * ROUNDS,
        SessionEvent.REVOKED: ROUNDS,
    }


def test_a_thief_among_many_uses_ends_the_session(
    url: str, committed: Session, ada: Account
) -> None:
    for number in range(ROUNDS):
        with racing_client(url, PARALLEL) as client:
            login = open_login_over_http(client, ada.email)
            first = refresh(client, login.refresh)()
            thief = {**login.refresh, **THIEVES[number % len(THIEVES)]}
            honest = [refresh(client, login.refresh)] * 8

            answers = race([*honest, refresh(client, thief), *honest])

            codes = Counter(answer.json().get("code") for answer in answers)
            assert codes["refresh-token-reused"] == 1
            assert codes.keys() <= {"refresh-token-reused", "session-ended", None}
            given = [login_in(answer) for answer in (first, *answers) if answer.status_code == 200]
            assert len({login.refresh["Authorization"] for login in given}) == 1
            assert statuses_of(client, given) == {401}
        assert live_sessions(committed) == 0
    assert events(committed)[SessionEvent.REFRESH_REUSED] == ROUNDS


def test_a_reuse_ends_the_newest_generation_even_while_that_is_refreshed(
    url: str, committed: Session, ada: Account
) -> None:
    for _ in range(ROUNDS):
        with racing_client(url, PARALLEL) as client:
            family = [open_login_over_http(client, ada.email)]
            for _ in range(2):
                family.append(login_in(refresh(client, family[-1].refresh)()))
            reuses = [refresh(client, family[0].refresh)] * 2
            newest = [refresh(client, family[-1].refresh)] * 6

            answers = race(reuses + newest)

            codes = Counter(answer.json().get("code") for answer in answers)
            assert codes["refresh-token-reused"] == 1
            assert codes.keys() <= {"refresh-token-reused", "session-ended", None}
            descendants = [login_in(answer) for answer in answers if answer.status_code == 200]
            assert statuses_of(client, family + descendants) == {401}
        assert live_sessions(committed) == 0
    assert events(committed)[SessionEvent.REFRESH_REUSED] == ROUNDS


def test_logging_out_while_others_refresh_leaves_nothing_alive(
    url: str, committed: Session, ada: Account
) -> None:
    for _ in range(ROUNDS):
        with racing_client(url, PARALLEL) as client:
            login = open_login_over_http(client, ada.email)
            refreshes = [refresh(client, login.refresh)] * 6

            answers = race([*refreshes, log_out(client, login.refresh)])

            given = [login_in(answer) for answer in answers[:6] if answer.status_code == 200]
            assert answers[6].status_code == 200
            assert statuses_of(client, [login, *given]) == {401}
        assert live_sessions(committed) == 0
    assert events(committed)[SessionEvent.REVOKED] == ROUNDS
