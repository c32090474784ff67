"""A process that is killed between taking a key and committing its effect."""

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION
from support.databases import engine_on
from support.paths import USERS
from support.processes import client_of, environment_for_testing, live_server, run_python
from support.repeating import repeated
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.service import HELD_FOR
from userapi.users.models import User

HEADERS = {"Idempotency-Key": "the-key"}

REGISTER_AND_DIE = """
import os, signal, sys
from userapi.app import build_app
from userapi.idempotency.repository import IdempotencyKeyRepository

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

IdempotencyKeyRepository.store = die
path, body, key = sys.argv[1:]
build_app().test_client().post(
    path, data=body, content_type="application/json", headers={"Idempotency-Key": key}
)
"""


pytestmark = pytest.mark.parametrize(
    "database", ["postgresql", repeated("sqlite")], indirect=True, scope="session"
)


@pytest.fixture
def left_url(database_url: str, tmp_path: Path) -> str:
    """A database whose process took the key, wrote its effect, and was killed before the commit."""
    ended = run_python(
        "-c",
        REGISTER_AND_DIE,
        USERS,
        json.dumps(REGISTRATION),
        HEADERS["Idempotency-Key"],
        folder=tmp_path,
        variables=environment_for_testing(database_url, tmp_path),
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return database_url


@pytest.fixture
def committed(left_url: str) -> Iterator[Session]:
    """A session on the database that the killed process left."""
    with engine_on(left_url) as engine, Session(engine) as session:
        yield session


def users_in(session: Session) -> int:
    counted = session.scalar(select(func.count()).select_from(User)) or 0
    session.rollback()
    return counted


def test_nothing_is_left_but_a_held_key(committed: Session) -> None:
    row = committed.scalars(select(IdempotencyKey)).one()

    assert (row.key, row.status) == ("the-key", None)
    assert row.held_until - row.expires_at == HELD_FOR - timedelta(hours=24)
    assert users_in(committed) == 0


def test_the_key_is_in_use_until_its_time_is_over(
    left_url: str, tmp_path: Path, committed: Session
) -> None:
    def register() -> httpx.Response:
        return client.post(USERS, json=REGISTRATION, headers=HEADERS)

    def hold_for(time: timedelta) -> None:
        committed.execute(update(IdempotencyKey).values(held_until=datetime.now(UTC) + time))
        committed.commit()

    with live_server(left_url, tmp_path) as url, client_of(url) as client:
        hold_for(HELD_FOR)
        refused = register()
        users_meanwhile = users_in(committed)
        hold_for(timedelta(0))
        performed, replayed = register(), register()

    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency-key-in-use")
    assert users_meanwhile == 0
    assert performed.status_code == 201
    assert "Idempotency-Replayed" not in performed.headers
    assert (replayed.status_code, replayed.content) == (201, performed.content)
    assert users_in(committed) == 1
