from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.applications import engine_of
from support.logins import buckets_of
from support.rows import NOON, add_user_row
from userapi.throttling.models import LoginThrottle

EMAIL = "ada@example.com"


@pytest.fixture
def session(own_app: Flask) -> Iterator[Session]:
    """A session on the application's database, in which an address is stopped."""
    with Session(engine_of(own_app)) as session:
        session.add(
            LoginThrottle(
                bucket=buckets_of(own_app).of_account(EMAIL),
                failures=50,
                blocked_until=None,
                last_failed_at=NOON,
            )
        )
        session.commit()
        yield session


def number_of_stops(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(LoginThrottle)) or 0
    session.rollback()
    return found


def test_unlocking_ends_the_lockout(runner: FlaskCliRunner, session: Session) -> None:
    add_user_row(session, EMAIL)

    result = runner.invoke(args=["unlock", "Ada@example.com"])

    assert (result.exit_code, result.output) == (0, "Unlocked Ada@example.com.\n")
    assert number_of_stops(session) == 0


def test_unlocking_takes_every_spelling(runner: FlaskCliRunner, session: Session) -> None:
    add_user_row(session, EMAIL)

    result = runner.invoke(args=["unlock", '"ada"@example.com'])

    assert (result.exit_code, result.output) == (0, 'Unlocked "ada"@example.com.\n')
    assert number_of_stops(session) == 0


def test_an_address_that_nobody_has_is_unlocked_with_a_note(
    runner: FlaskCliRunner, session: Session
) -> None:
    result = runner.invoke(args=["unlock", EMAIL])

    note = f"Unlocked {EMAIL}. No account has this e-mail address.\n"
    assert (result.exit_code, result.output) == (0, note)
    assert number_of_stops(session) == 0
