"""`userapi worker`, and what a server does beside serving."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from idempotency.samples import expiring, keys_in
from jobs.offices import Office, office_on
from support.applications import application, engine_of, settings_for_testing
from userapi.cli.working import post_worker_init, worker_exit
from userapi.kit.clock import utc_now
from userapi.outbox.models import Job


def test_what_is_due_is_done(own_app: Flask, runner: FlaskCliRunner) -> None:
    with Session(engine_of(own_app)) as session:
        session.add(expiring("old", utc_now()))
        session.commit()

    result = runner.invoke(args=["worker", "--until-empty"])

    assert (result.exit_code, result.output) == (0, "")
    with Session(engine_of(own_app)) as session:
        assert keys_in(session) == []
        assert set(session.scalars(select(Job.kind))) == {"sweep", "stats"}


@pytest.mark.any_database
def test_signals_are_its_own_only_while_it_works(runner: FlaskCliRunner) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]

    runner.invoke(args=["worker", "--until-empty"])

    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before


def test_a_schema_that_is_behind_is_one_clear_line(empty_database_url: str, tmp_path: Path) -> None:
    with application(settings_for_testing(empty_database_url, tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["worker"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: the database's schema is behind this version; run: userapi db upgrade\n",
    )


def test_a_database_out_of_reach_is_one_clear_line(offline_runner: FlaskCliRunner) -> None:
    result = offline_runner.invoke(args=["worker"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: the database: connection failed: ")
    assert len(result.output.splitlines()) == 1


# Beside serving


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office on a database of its own."""
    with office_on(database_url, tmp_path, "embedded") as office:
        yield office


def process_of(office: Office, grace: float = 30) -> Any:
    """Return a process of gunicorn that serves that office."""
    return SimpleNamespace(wsgi=office.app, alive=True, cfg=SimpleNamespace(graceful_timeout=grace))


def test_a_process_that_serves_does_jobs_until_it_ends(office: Office) -> None:
    was_sent = Event()
    office.letters.before_sending = was_sent.set
    office.leave("one")
    process = process_of(office)

    post_worker_init(process)
    assert was_sent.wait(20)
    worker_exit(None, process)

    assert not process.jobs_thread.is_alive()
    assert (office.sent(), office.waiting()) == (["one"], [])


@pytest.mark.any_database
def test_no_job_is_begun_once_the_process_is_told_to_end(office: Office) -> None:
    process = process_of(office)

    def tell_to_end() -> None:
        process.alive = False

    office.letters.before_sending = tell_to_end
    office.leave("one", "two")

    post_worker_init(process)
    process.jobs_thread.join(20)

    assert not process.jobs_thread.is_alive()
    assert len(office.sent()) == 1


@pytest.mark.any_database
def test_a_process_ends_in_time_whatever_a_job_does(office: Office) -> None:
    hangs, goes_on = Event(), Event()

    def hang() -> None:
        hangs.set()
        goes_on.wait(20)

    office.letters.before_sending = hang
    office.leave("one")
    process = process_of(office, grace=5.1)
    began = utc_now()

    post_worker_init(process)
    assert hangs.wait(20)
    worker_exit(None, process)

    assert process.jobs_thread.is_alive()
    assert process.jobs_thread.daemon
    assert utc_now() - began < timedelta(seconds=4)
    assert office.waiting() == ["one"]
    goes_on.set()
    process.jobs_thread.join(20)


@pytest.mark.any_database
def test_a_process_that_could_not_begin_ends_all_the_same(office: Office) -> None:
    worker_exit(None, process_of(office))
