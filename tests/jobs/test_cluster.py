"""What only procrastinate has: its tables, its roles, and workers that have died."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from procrastinate import App
from sqlalchemy import text

from jobs.offices import Office
from support.applications import application, settings_for_testing
from support.databases import on_postgresql, on_sqlite
from support.roles import roles_on
from userapi.cli.cluster import cluster_app_of
from userapi.config.settings import SettingsError
from userapi.jobs.cluster import take_up_stalled
from userapi.jobs.service import JobRetention
from userapi.web.services import provided

on_procrastinate = pytest.mark.parametrize(
    ("database", "engine"),
    [pytest.param("postgresql", "procrastinate", id="procrastinate")],
    indirect=True,
    scope="session",
)


async def take_up(app: App) -> None:
    """Do what a worker does every minute."""
    async with app.open_async():
        context: Any = SimpleNamespace(app=app)
        await take_up_stalled(context)


@on_procrastinate
def test_the_job_of_a_worker_that_died_is_taken_up(office: Office) -> None:
    office.leave("one")
    with office.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))
        connection.execute(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '31 seconds')"
            )
        )
        connection.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing',"
                " worker_id = (SELECT id FROM procrastinate_workers)"
            )
        )
    app = cluster_app_of(office.app)

    office.work()
    asyncio.run(take_up(app))
    office.work()

    assert (office.sent(), office.waiting()) == (["one"], [])


@on_procrastinate
def test_the_job_of_a_worker_that_lives_is_left_alone(office: Office) -> None:
    office.leave("one")
    with office.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        )
        connection.execute(
            text(
                "UPDATE procrastinate_jobs SET status = 'doing',"
                " worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
        )

    asyncio.run(take_up(cluster_app_of(office.app)))
    office.work()

    assert (office.sent(), office.waiting()) == ([], ["one"])


@on_procrastinate
def test_what_is_done_leaves_no_row(office: Office) -> None:
    office.leave("one")

    office.work()

    with office.engine.connect() as connection:
        count = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'userapi.letter'")
        assert connection.execute(count).scalar_one() == 0


@on_procrastinate
def test_the_dead_go_after_their_retention(office: Office) -> None:
    office.leave("old", "new", "waiting")
    with office.engine.begin() as connection:
        connection.execute(
            text("UPDATE procrastinate_jobs SET status = 'failed' WHERE queueing_lock <> :lock"),
            {"lock": "userapi.letter:waiting"},
        )
        connection.execute(
            text(
                "UPDATE procrastinate_events SET at = now() - interval '91 days' WHERE job_id IN"
                " (SELECT id FROM procrastinate_jobs WHERE queueing_lock <> :lock)"
            ),
            {"lock": "userapi.letter:new"},
        )

    with office.app.app_context():
        assert provided(JobRetention).delete_expired() == 1

    assert (office.dead(), office.waiting()) == (["new"], ["waiting"])


@on_procrastinate
def test_sweeping_and_counting_are_what_it_does_every_hour(office: Office) -> None:
    app = cluster_app_of(office.app)

    crons = {name: task.cron for (name, _), task in app.periodic_registry.periodic_tasks.items()}
    assert crons == {
        "userapi.sweep": "7 * * * *",
        "userapi.stats": "7 * * * *",
        "userapi.stalled": "* * * * *",
    }
    assert app.tasks["userapi.sweep"].lock == "userapi.sweep"
    assert app.tasks["userapi.sweep"].retry_strategy is None


@on_procrastinate
def test_the_tables_are_made_once(office: Office) -> None:
    result = office.app.test_cli_runner().invoke(args=["jobs", "create-tables"])

    assert result.output == "The tables of procrastinate are there already.\n"


@on_postgresql
def test_the_service_may_use_the_tables_that_the_owner_makes(
    database_url: str, tmp_path: Path
) -> None:
    with roles_on(database_url) as roles:
        settings = settings_for_testing(roles.owner, tmp_path, JOBS="procrastinate")
        with application(settings) as app:
            made = app.test_cli_runner().invoke(args=["jobs", "create-tables"])
        assert made.output == "The tables of procrastinate were made.\n"

        settings = settings_for_testing(roles.service, tmp_path, JOBS="procrastinate")
        with application(settings) as app:
            runner = app.test_cli_runner()
            refused = runner.invoke(args=["worker", "--until-empty"])
            assert (refused.exit_code, refused.output) == (0, "")


@on_postgresql
def test_without_the_tables_no_worker_and_no_server_starts(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for_testing(database_url, tmp_path, JOBS="procrastinate")
    with application(settings) as app:
        result = app.test_cli_runner().invoke(args=["worker", "--until-empty"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: the tables of procrastinate are missing; run: userapi jobs create-tables\n",
    )


@on_sqlite
def test_sqlite_has_no_procrastinate(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_for_testing(database_url, tmp_path, JOBS="procrastinate")

    assert "JOBS: procrastinate needs PostgreSQL: set DATABASE_URL to one, or JOBS=embedded" in str(
        refused.value
    )


@on_postgresql
def test_a_package_that_is_missing_is_named(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.outbox.settings.find_spec", lambda _: None)

    with pytest.raises(SettingsError, match=r"pip install 'userapi\[cluster\]', or JOBS=embedded"):
        settings_for_testing(database_url, tmp_path, JOBS="procrastinate")


@on_sqlite
def test_the_table_of_ours_needs_no_others(database_url: str, tmp_path: Path) -> None:
    with application(settings_for_testing(database_url, tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["jobs", "create-tables"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: JOBS is embedded, which needs no other tables")
