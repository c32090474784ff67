"""Real processes do what was left for later, beside serving and in procrastinate's own worker."""

import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from idempotency.samples import expiring, keys_in
from support.applications import application, settings_for_testing
from support.databases import engine_on, on_postgresql
from support.processes import environment_for_testing, run_python, working_server
from support.transactions import transaction_on
from userapi.db.engine import reading
from userapi.kit.clock import utc_now
from userapi.outbox.service import Later
from userapi.web.services import provided

pytestmark = pytest.mark.system


def leave_an_old_key(url: str) -> None:
    with engine_on(url) as engine, Session(engine) as session:
        session.add(expiring("old", utc_now()))
        session.commit()


def keys_on(url: str) -> list[str]:
    with engine_on(url) as engine, Session(reading(engine)) as session:
        return keys_in(session)


def wait_until_swept(url: str) -> None:
    end = time.monotonic() + 20
    while keys_on(url) and time.monotonic() < end:
        time.sleep(0.1)


def test_a_server_sweeps_and_ends_at_once(database_url: str, tmp_path: Path) -> None:
    leave_an_old_key(database_url)

    with working_server(database_url, tmp_path, workers=2):
        wait_until_swept(database_url)
        told_to_end = time.monotonic()

    assert time.monotonic() - told_to_end < 10
    assert keys_on(database_url) == []


def leave_a_sweep_to_procrastinate(url: str, folder: Path) -> None:
    with application(settings_for_testing(url, folder, JOBS="procrastinate")) as app:
        app.test_cli_runner().invoke(args=["jobs", "create-tables"])
        with app.app_context(), transaction_on(app.extensions["sqlalchemy"].session) as tx:
            provided(Later).put("sweep", "once", {})
            tx.commit()
    leave_an_old_key(url)


@on_postgresql
def test_a_server_does_the_jobs_of_procrastinate(database_url: str, tmp_path: Path) -> None:
    leave_a_sweep_to_procrastinate(database_url, tmp_path)

    with working_server(database_url, tmp_path, workers=2, JOBS="procrastinate"):
        wait_until_swept(database_url)
        told_to_end = time.monotonic()

    assert time.monotonic() - told_to_end < 10
    assert keys_on(database_url) == []


@on_postgresql
def test_the_worker_of_procrastinate_does_our_jobs(database_url: str, tmp_path: Path) -> None:
    leave_a_sweep_to_procrastinate(database_url, tmp_path)

    result = run_python(
        *("-m", "procrastinate", "--app=userapi.cluster.app", "worker", "--one-shot"),
        folder=tmp_path,
        variables=environment_for_testing(database_url, tmp_path, JOBS="procrastinate"),
    )

    assert result.returncode == 0, result.stderr
    assert keys_on(database_url) == []
    with engine_on(database_url) as engine, engine.connect() as connection:
        left = text("SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock IS NOT NULL")
        assert connection.execute(left).scalar_one() == 0
