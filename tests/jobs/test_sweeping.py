"""What the worker deletes every hour."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from idempotency.samples import expiring, keys_in
from support.applications import application, engine_of, settings_for_testing
from userapi.cli.worker import worker_of
from userapi.container import Feature, Purge
from userapi.kit.clock import utc_now
from userapi.outbox.models import Job


def fail(_: object) -> int:
    message = "secret"
    raise ValueError(message)


def count() -> int:
    return 1


class Purges:
    """Purges that remember that they ran."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def feature(self) -> Feature:
        """Return a feature with a purge that fails, one of the owner's, and one that works."""
        return Feature(
            name="cellar",
            purges=(
                Purge("broken shelves", fail, count),
                Purge(
                    "the owner's bottles",
                    lambda _: self.run("owner"),
                    count,
                    by_owner=True,
                ),
                Purge("old bottles", lambda _: self.run("bottles"), count),
            ),
        )

    def run(self, name: str) -> int:
        """Remember it."""
        self.ran.append(name)
        return 2


@pytest.fixture
def purges() -> Purges:
    return Purges()


@pytest.fixture
def app(database_url: str, tmp_path: Path, purges: Purges) -> Iterator[Flask]:
    """An application with those purges, on a database of its own."""
    with application(settings_for_testing(database_url, tmp_path), purges.feature()) as app:
        yield app


def work(app: Flask) -> None:
    """Do all that is due."""
    worker_of(app).run(Event(), until_empty=True)


def test_the_worker_sweeps_what_is_not_the_owners(app: Flask, purges: Purges) -> None:
    with Session(engine_of(app)) as session:
        session.add(expiring("old", utc_now()))
        session.commit()

    work(app)

    with Session(engine_of(app)) as session:
        assert keys_in(session) == []
    assert purges.ran == ["bottles"]


def test_a_purge_that_fails_is_told_and_keeps_out_no_other(
    app: Flask, purges: Purges, caplog: pytest.LogCaptureFixture
) -> None:
    work(app)

    warned = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warned) == 1
    assert warned[0].startswith(
        "the sweep of broken shelves failed: ValueError at jobs/test_sweeping.py:"
    )
    assert purges.ran == ["bottles"]


def test_a_second_worker_does_not_sweep_again_within_the_hour(app: Flask, purges: Purges) -> None:
    work(app)
    work(app)

    assert purges.ran == ["bottles"]


def test_jobs_that_ended_go_after_their_retention(app: Flask) -> None:
    now = utc_now()
    ended: list[dict[str, Any]] = [
        {"key": "done", "done_at": now - timedelta(days=7, minutes=1)},
        {"key": "done lately", "done_at": now - timedelta(days=7, minutes=-1)},
        {"key": "dead", "dead_at": now - timedelta(days=90, minutes=1)},
        {"key": "dead lately", "dead_at": now - timedelta(days=90, minutes=-1)},
        {"key": "waiting"},
    ]
    with engine_of(app).begin() as connection:
        for job in ended:
            long_ago = now - timedelta(days=300)
            common = {"kind": "letter", "payload": {}, "created_at": long_ago, "due_at": long_ago}
            connection.execute(insert(Job).values(**common, **job))

    work(app)

    with Session(engine_of(app)) as session:
        left = session.scalars(select(Job.key).where(Job.kind == "letter").order_by(Job.key))
        assert list(left) == ["dead lately", "done lately", "waiting"]
