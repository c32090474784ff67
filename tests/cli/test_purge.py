"""`userapi purge`: how old what goes must be, and what is printed."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from idempotency.samples import expiring, keys_in
from support.applications import application, engine_of, settings_of
from support.events import add_event_row, origins
from support.rows import add_session_row, add_user_row, revocation_of
from userapi.kit.clock import utc_now
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.settings import ThrottlingSettings

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
        session.commit()

    result = runner.invoke(args=["purge"])

    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "origins of events: 1 deleted",
            "expired idempotency keys: 2 deleted",
            "jobs that ended: 0 deleted",
            "mails: 0 deleted",
            "expired one-time tokens: 0 deleted",
            "expired devices: 1 deleted",
            "addresses and devices with failed logins: 2 deleted",
            "ended sessions: 1 deleted",
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

    assert result.output.startswith("origins of events: 0 deleted\n")


def test_a_database_out_of_reach_is_one_clear_line(offline_runner: FlaskCliRunner) -> None:
    result = offline_runner.invoke(args=["purge"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: the database: ")
    assert len(result.output.splitlines()) == 1
