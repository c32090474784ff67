"""A purge that is killed at any statement leaves whole persons and none, and goes on afterwards."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.databases import engine_on
from support.events import add_event_row
from support.leaving import close_long_ago
from support.processes import environment_for_testing, run_python
from support.races import scaled
from support.rows import add_session_row, add_user_row
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.leaving.events import LeavingEvent
from userapi.sessions.models import UserSession
from userapi.users.models import User

pytestmark = pytest.mark.race

KILLS = scaled(50)
PERSONS = 12
STATEMENTS = 150
"""About how many statements the whole purge has."""

PURGE_AND_DIE = """
import os, signal, sys
from itertools import count
from sqlalchemy import Engine, event
from userapi.app import build_app

numbers, last = count(1), int(sys.argv[1])

@event.listens_for(Engine, "before_cursor_execute")
def die(*_):
    if next(numbers) == last:
        os.kill(os.getpid(), signal.SIGKILL)

result = build_app().test_cli_runner().invoke(args=["purge"])
sys.stdout.write(result.output)
"""


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database in which some persons are to be erased."""
    with engine_on(database_url) as engine, Session(engine) as session:
        for number in range(PERSONS):
            user_id = add_user_row(session, f"canary{number}@example.com")
            add_session_row(session, user_id, user_agent="canary")
            add_event_row(session, address="192.0.2.1", actor_id=user_id, subject_id=user_id)
            close_long_ago(session, user_id)
        yield session


def assert_whole(session: Session) -> int:
    """Fail unless each person is there with the name, or erased with all; count the erased."""
    users = session.execute(select(User.id, User.email, User.erased_at)).all()
    for user in users:
        assert (user.erased_at is None) == user.email.startswith("canary"), user
    erased = [user.id for user in users if user.erased_at is not None]
    left = select(func.count()).where(UserSession.user_id.in_(erased))
    known = select(func.count()).where(
        AuditEvent.id == AuditClientInfo.event_id, AuditEvent.actor_id.in_(erased)
    )
    told = select(AuditEvent.subject_id).where(AuditEvent.event == LeavingEvent.ERASED)
    assert (session.scalar(left), session.scalar(known)) == (0, 0)
    assert Counter(session.scalars(told)) == Counter(erased)
    session.rollback()  # whoever has only looked holds SQLite's lock too
    return len(erased)


def test_a_killed_purge_loses_nothing_and_goes_on(
    session: Session, database_url: str, tmp_path: Path
) -> None:
    variables = environment_for_testing(database_url, tmp_path)
    chance = random.Random(KILLS)
    before = 0
    for _ in range(KILLS):
        number = chance.randrange(1, STATEMENTS)
        ended = run_python("-c", PURGE_AND_DIE, str(number), folder=tmp_path, variables=variables)
        assert ended.returncode in (-signal.SIGKILL, 0), ended.stderr
        after = assert_whole(session)
        assert after >= before
        before = after

    run_python("-c", PURGE_AND_DIE, "0", folder=tmp_path, variables=variables)
    again = run_python("-c", PURGE_AND_DIE, "0", folder=tmp_path, variables=variables)

    assert assert_whole(session) == PERSONS
    assert "persons of closed accounts: 0 deleted" in again.stdout.splitlines()
