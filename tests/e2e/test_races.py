"""Races between real processes, on really committed data.

`make test` runs a few rounds of each, `make races` the full counts.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Headers, add_user, bearer
from support.databases import engine_on
from support.paths import LOGIN, USERS
from support.processes import client_of, live_server
from userapi.kit.passwords import PasswordHasher
from userapi.settings import Settings
from userapi.users.models import User

pytestmark = pytest.mark.race

ROUNDS = int(os.environ.get("USERAPI_RACE_ROUNDS", "3"))
PROCESSES = 4
PARALLEL = 50
LIMITS = httpx.Limits(max_connections=PARALLEL, max_keepalive_connections=PARALLEL)


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Four server processes on a database of the test's own."""
    with live_server(database_url, tmp_path, workers=PROCESSES) as base_url:
        yield base_url


@pytest.fixture
def committed(database_url: str) -> Iterator[Session]:
    """A session on the database that the server processes use."""
    with engine_on(database_url) as engine, Session(engine) as session:
        yield session


def test_one_of_many_registrations_of_an_address_wins(url: str, committed: Session) -> None:
    with client_of(url, timeout=60, limits=LIMITS) as client:
        for number in range(ROUNDS):
            spellings = [f"race{number}@example.com", f"RACE{number}@Example.COM"]
            answers = race([partial(register, client, spellings[i % 2]) for i in range(PARALLEL)])

            assert answers == Counter({201: 1, 409: PARALLEL - 1})
            assert rows_with(committed, spellings[0]) == 1


def test_two_admins_who_deactivate_each_other_leave_one(
    url: str, committed: Session, settings: Settings
) -> None:
    hashed = PasswordHasher(cost=settings.hashing_cost).hash(PASSWORD)
    admins = [
        add_user(committed, hashed, email=f"admin{n}@example.com", is_admin=True) for n in (1, 2)
    ]
    with client_of(url, timeout=60, limits=LIMITS) as client:
        for _ in range(ROUNDS):
            committed.execute(update(User).values(is_active=True))
            committed.commit()
            first, second = (log_in(client, admin.email) for admin in admins)
            answers = race(
                [
                    partial(deactivate, client, admins[1].id, first),
                    partial(deactivate, client, admins[0].id, second),
                ]
            )

            # The loser is refused: as the last admin, or because its session had ended already.
            assert answers[200] == 1
            assert answers[409] + answers[401] == 1
            assert active_admins(committed) == 1


def race(actions: list[Callable[[], int]]) -> Counter[int]:
    """Start all `actions` at the same moment; count their results."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], int]) -> int:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return Counter(pool.map(run, actions))


def register(client: httpx.Client, email: str) -> int:
    body = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
    return client.post(USERS, json=body).status_code


def log_in(client: httpx.Client, email: str) -> Headers:
    answer = client.post(LOGIN, json={"email": email, "password": PASSWORD})
    return bearer(answer.json()["access_token"])


def deactivate(client: httpx.Client, user_id: int, headers: Headers) -> int:
    answer = client.patch(f"{USERS}/{user_id}", json={"is_active": False}, headers=headers)
    return answer.status_code


def rows_with(session: Session, email: str) -> int:
    counted = select(func.count()).where(func.lower(User.email) == email)
    found = session.scalar(counted) or 0
    session.rollback()
    return found


def active_admins(session: Session) -> int:
    counted = select(func.count()).where(User.is_admin, User.is_active, User.deleted_at.is_(None))
    found = session.scalar(counted) or 0
    session.rollback()
    return found
