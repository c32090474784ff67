"""The clock beside what happened, as `userapi doctor` finds it."""

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from support.applications import engine_of
from support.doctor import found
from userapi.audit.models import AuditEvent
from userapi.kit.clock import utc_now

FINE = "ok | the clock is ahead of all that happened"


def happened(app: Flask, ahead: timedelta) -> None:
    with Session(engine_of(app)) as session, session.begin():
        session.add(AuditEvent(occurred_at=utc_now() + ahead, event="user.created", details={}))


def test_a_clock_that_goes_on_is_fine(own_app: Flask) -> None:
    assert found(own_app, "clock")[-1] == FINE

    happened(own_app, -timedelta(hours=1))

    assert found(own_app, "clock")[-1] == FINE


def test_a_clock_that_was_put_back_is_told(own_app: Flask) -> None:
    happened(own_app, timedelta(hours=1))

    line = found(own_app, "clock")[-1]

    assert line.startswith("failed | the newest event is of ")
    assert line.endswith("which this clock has yet to reach | set this machine's clock by NTP")
