"""`userapi purge`: how old what goes must be, and what is printed."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from idempotency.samples import expiring, keys_in
from support.applications import application, engine_of, settings_of
from support.events import add_event_row, origins
from support.rows import add_session_row, add_user_row, revocation_of
from userapi.audit.models import AuditEvent
from userapi.audit.settings import AuditSettings
from userapi.kit.clock import utc_now
from userapi.mail.models import MailRow
from userapi.one_time_tokens.models import OneTimeToken
from userapi.outbox.models import Job
from userapi.rate_limits.models import RateLimitCount
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.settings import ThrottlingSettings
from userapi.users.models import User

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(days=90)


def device_row(user_id: int, *, expires_at: datetime) -> TrustedDevice:
    """Return a device of that user."""
    began = expires_at - QUARTER
    return TrustedDevice(
        user_id=user_id,
        token_hash="none",
        created_at=began,
        last_used_at=began,
        expires_at=expires_at,
    )


def token_row(user_id: int, *, expires_at: datetime) -> OneTimeToken:
    """Return a one-time token of that user."""
    return OneTimeToken(
        purpose="password-reset",
        token_hash="none",
        user_id=user_id,
        address="alan@example.com",
        created_at=expires_at - MINUTE,
        expires_at=expires_at,
    )


def mail_row(created_at: datetime) -> MailRow:
    """Return a mail that waits since then."""
    return MailRow(
        recipient="alan@example.com",
        mailbox="alan@example.com",
        template="password-changed",
        key_id="none",
        created_at=created_at,
    )


def job_row(done_at: datetime) -> Job:
    """Return a job that was done then."""
    times = {"created_at": done_at, "due_at": done_at, "done_at": done_at}
    return Job(kind="mail", key="none", payload={}, **times)


def closed_row(deleted_at: datetime) -> User:
    """Return somebody whose account was closed then."""
    return User(
        email="grace@example.com",
        password_hash="none",
        first_name="Grace",
        last_name="Hopper",
        deleted_at=deleted_at,
    )


def failures_row(
    bucket: str, failures: int, last: datetime, *, is_account: bool | None = None
) -> LoginThrottle:
    """Return so many failures."""
    return LoginThrottle(
        bucket=bucket,
        failures=failures,
        blocked_until=None,
        last_failed_at=last,
        is_account=is_account,
    )


@pytest.fixture
def now() -> datetime:
    return utc_now()


def test_what_is_old_enough_goes(runner: FlaskCliRunner, own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        add_event_row(session, address="192.0.2.1", occurred_at=now - timedelta(days=90))
        ended = now - timedelta(days=30)
        alan = add_user_row(session, "alan@example.com")
        add_session_row(session, alan, created_at=ended - MINUTE, expires_at=ended)
        session.add_all([expiring("one", now), expiring("another", now)])
        session.add_all([device_row(alan, expires_at=now), failures_row("old", 49, now - QUARTER)])
        session.add(failures_row("nobody's", 50, now - QUARTER, is_account=False))
        session.add(RateLimitCount(key="window", hits=1, expires_at=now.timestamp() - 1))
        session.add(token_row(alan, expires_at=now))
        session.add_all([mail_row(now - timedelta(days=31)), job_row(now - timedelta(days=31))])
        session.add(closed_row(now - timedelta(days=31)))
        session.commit()

    rehearsed = runner.invoke(args=["purge", "--dry-run"])
    result = runner.invoke(args=["purge"])

    assert rehearsed.output == result.output.replace(" deleted", " to be deleted")
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "counts of rate limits: 1 deleted",
            "origins of events: 1 deleted",
            "events: 0 deleted",
            "expired idempotency keys: 2 deleted",
            "jobs that ended: 1 deleted",
            "mails: 1 deleted",
            "expired one-time tokens: 1 deleted",
            "expired devices: 1 deleted",
            "addresses and devices with failed logins: 2 deleted",
            "ended sessions: 1 deleted",
            "ended invitations: 0 deleted",
            "registrations that were not confirmed: 0 deleted",
            "ended imports: 0 deleted",
            "persons of closed accounts: 1 deleted",
        ],
    )


def test_what_is_younger_stays(runner: FlaskCliRunner, own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        moment = now - timedelta(days=90) + MINUTE
        event_id = add_event_row(session, address="192.0.2.1", occurred_at=moment)
        ended = now - timedelta(days=30) + MINUTE
        alan = add_user_row(session, "alan@example.com")
        session_id = add_session_row(session, alan, revoked_at=ended, expires_at=now + MINUTE)
        session.add(expiring("key", now + MINUTE))
        session.add(device_row(alan, expires_at=now + MINUTE))
        session.add(failures_row("recent", 49, now - QUARTER + MINUTE))
        session.add(failures_row("stopped", 50, now - 2 * QUARTER))
        session.commit()

        result = runner.invoke(args=["purge"])

        assert result.exit_code == 0, result.output
        assert origins(session) == [event_id]
        assert revocation_of(session, session_id) == ended
        assert keys_in(session) == ["key"]
        assert session.scalar(select(func.count()).select_from(TrustedDevice)) == 1
        buckets = session.scalars(select(LoginThrottle.bucket).order_by(LoginThrottle.bucket))
        assert list(buckets) == ["recent", "stopped"]


@pytest.mark.any_database
def test_failures_stay_as_long_as_a_device_may_be_trusted(own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        session.add(failures_row("device", 50, now - 2 * QUARTER, is_account=False))
        session.commit()

    patient = settings_of(own_app).replace(ThrottlingSettings, device_lifetime=4 * QUARTER)
    with application(patient) as app:
        result = app.test_cli_runner().invoke(args=["purge"])

    assert "addresses and devices with failed logins: 0 deleted" in result.output.splitlines()


def test_a_second_run_finds_nothing(runner: FlaskCliRunner, own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        add_event_row(session, address="192.0.2.1", occurred_at=now - timedelta(days=365))
    runner.invoke(args=["purge"])

    result = runner.invoke(args=["purge"])

    assert "origins of events: 0 deleted" in result.output.splitlines()


def test_events_stay_for_ever_if_nobody_decides_otherwise(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    with Session(engine_of(own_app)) as session:
        add_event_row(session, occurred_at=datetime(1970, 1, 1, tzinfo=UTC))

    result = runner.invoke(args=["purge"])

    assert "events: 0 deleted" in result.output.splitlines()


def test_events_go_when_their_time_is_over(own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        add_event_row(session, address="192.0.2.1", occurred_at=now - timedelta(days=365))
        kept = add_event_row(session, occurred_at=now - timedelta(days=365) + MINUTE)

        year = settings_of(own_app).replace(AuditSettings, retention=timedelta(days=365))
        with application(year) as app:
            result = app.test_cli_runner().invoke(args=["purge"])

        assert "events: 1 deleted" in result.output.splitlines()
        assert list(session.scalars(select(AuditEvent.id))) == [kept]


def test_a_terminal_is_shown_how_far_it_is(
    runner: FlaskCliRunner, own_app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(engine_of(own_app)) as session:
        session.add(expiring("one", now))
        session.commit()
    monkeypatch.setattr("userapi.cli.purge._is_terminal", lambda: True)

    result = runner.invoke(args=["purge"])

    # Click draws nothing but the label where it writes to no terminal.
    assert "expired idempotency keys\nexpired idempotency keys: 1 deleted\n" in result.output
    assert "ended sessions\n" not in result.output


def test_a_rehearsal_deletes_nothing(runner: FlaskCliRunner, own_app: Flask, now: datetime) -> None:
    with Session(engine_of(own_app)) as session:
        session.add(expiring("one", now))
        session.commit()

        result = runner.invoke(args=["purge", "--dry-run"])

        assert "expired idempotency keys: 1 to be deleted" in result.output.splitlines()
        assert keys_in(session) == ["one"]


def test_a_database_out_of_reach_is_one_clear_line(offline_runner: FlaskCliRunner) -> None:
    result = offline_runner.invoke(args=["purge"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: the database: ")
    assert len(result.output.splitlines()) == 1
