"""Failed logins count once for all processes, also when they come at the same moment.

`make test` runs a few rounds of each, `make races` the full counts.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, add_user
from support.databases import Server
from support.paths import LOGIN
from support.processes import live_server
from support.races import PROCESSES, ROUNDS, race, racing_client
from support.rows import NOON
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.throttling.lockout import Lockout
from userapi.throttling.models import LoginThrottle

pytestmark = pytest.mark.race

PARALLEL = 100
FREE = 10
LOCKOUT = Lockout(free_failures=FREE)
RIGHT_AT_ONCE = 8


# What is shown here is the count of each account: no other limit may come before it.
VARIABLES = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_LOGIN": "1000000 per 5 minutes",
    "RATELIMIT_FAILED_LOGINS": "1000000 per 5 minutes",
    "RATELIMIT_FAILED_LOGINS_BY_NETWORK": "1000000 per 5 minutes",
}


@pytest.fixture(scope="module")
def raced_database_url(server: Server, template_url: str) -> Iterator[str]:
    """A migrated database that only these processes use."""
    with server.copy_of(template_url) as url:
        yield url


@pytest.fixture(scope="module")
def racing_url(
    raced_database_url: str,
    rate_limit_store: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Several server processes on that database, in which failed logins count."""
    folder = tmp_path_factory.mktemp("lockouts")
    variables = VARIABLES | rate_limit_store
    with live_server(raced_database_url, folder, workers=PROCESSES, **variables) as base_url:
        yield base_url


@pytest.fixture
def email(committed: Session, settings: Settings) -> str:
    """The address of an account."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    user = add_user(committed, hashed, email="ada@example.com")
    committed.rollback()
    return user.email


def log_in(client: httpx.Client, email: str, password: str = "wrong password") -> int:
    return client.post(LOGIN, json={"email": email, "password": password}).status_code


def set_throttle(session: Session, failures: int) -> None:
    """Let the only account with failures have so many of them, whose delay is over."""
    session.execute(update(LoginThrottle).values(failures=failures, blocked_until=NOON))
    session.commit()


def number_of(session: Session, event: str) -> int:
    found = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.event == event)
    )
    session.rollback()
    return found or 0


def test_s27_many_wrong_logins_at_once_overrun_nothing(url: str, committed: Session) -> None:
    with racing_client(url, PARALLEL) as client:
        for number in range(ROUNDS):
            attempt = partial(log_in, client, f"nobody{number}@example.com")

            answers = Counter(race([attempt] * PARALLEL))

            assert answers == Counter({401: FREE, 429: PARALLEL - FREE})
            assert number_of(committed, "login:failed") == FREE * (number + 1)


def test_after_a_delay_one_of_many_is_let_in(url: str, committed: Session, email: str) -> None:
    with racing_client(url, PARALLEL) as client:
        for _ in range(FREE):
            log_in(client, email)
        for failures in range(FREE, FREE + ROUNDS):
            set_throttle(committed, min(failures, LOCKOUT.max_failures - 1))

            answers = Counter(race([partial(log_in, client, email)] * PARALLEL))

            assert answers == Counter({401: 1, 429: PARALLEL - 1})


def test_the_stop_is_seen_by_all_processes(url: str, committed: Session, email: str) -> None:
    with racing_client(url, PARALLEL) as client:
        log_in(client, email)
        set_throttle(committed, LOCKOUT.max_failures - 1)
        assert log_in(client, email) == 401

        answers = race([partial(log_in, client, email, PASSWORD)] * PARALLEL)

    assert set(answers) == {429}
    assert number_of(committed, "login:locked") == 1


def test_many_right_logins_at_once_trip_nothing(url: str, email: str) -> None:
    with racing_client(url, RIGHT_AT_ONCE) as client:
        for _ in range(ROUNDS):
            answers = race([partial(log_in, client, email, PASSWORD)] * RIGHT_AT_ONCE)

            assert set(answers) == {200}
