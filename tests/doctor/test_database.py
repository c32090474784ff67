"""The database, its schema and its clock, as they are found."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from support.applications import application, settings_for_testing
from support.databases import PostgresServer, engine_on, on_postgresql, on_sqlite, set_revision
from support.doctor import examined, found
from support.roles import role_without_rights, roles_on
from userapi.config.database import DatabaseSettings
from userapi.config.groups import ServerSettings
from userapi.config.settings import Settings
from userapi.doctor import database as diagnoses
from userapi.kit.clock import utc_now

MISSING_ROLES = "make a role for the service: userapi db roles"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings on a migrated database of the test's own."""
    return settings_for_testing(database_url, tmp_path)


def database_lines(settings: Settings) -> list[str]:
    with application(settings) as app:
        return found(app, "database")


@on_sqlite
def test_a_file_is_told(settings: Settings) -> None:
    file = make_url(settings.of(DatabaseSettings).url).database

    assert database_lines(settings) == [f"ok | SQLite {sqlite3.sqlite_version} in {file}, writable"]


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none.sqlite3"
    with application(settings_for_testing(f"sqlite:///{file}", tmp_path)) as app:
        report = examined(app)

    assert report.lines("database") == [
        (
            f"failed | the database: there is no file {file} | run: userapi db upgrade, or name "
            "another in DATABASE_URL"
        )
    ]
    assert report.lines("migrations") == ["not checked | the database cannot be asked"]
    assert not file.exists()


@on_postgresql
def test_a_superuser_is_warned_of(settings: Settings) -> None:
    first, second = database_lines(settings)

    assert first.startswith("ok | PostgreSQL ")
    assert first.endswith(" ms")
    assert second == (
        "warning | the role postgres is a superuser, and could drop what guards the audit trail | "
        f"{MISSING_ROLES}"
    )


@on_postgresql
def test_the_owner_is_warned_of_and_the_service_is_not(database_url: str, tmp_path: Path) -> None:
    with roles_on(database_url) as roles:
        as_owner = database_lines(settings_for_testing(roles.owner, tmp_path))
        as_service = database_lines(settings_for_testing(roles.service, tmp_path))

    assert as_owner[1:] == [
        (
            f"warning | the role {roles.names.owner} owns the tables, and could drop what guards "
            f"the audit trail | {MISSING_ROLES}"
        )
    ]
    assert as_service[1:] == []


@on_postgresql
def test_a_role_without_rights_is_told(database_url: str, tmp_path: Path) -> None:
    with role_without_rights(database_url) as url:
        (_, line) = database_lines(settings_for_testing(url, tmp_path))

    assert line.startswith("failed | the role userapi_stranger_")
    assert line.endswith(" may not write to the tables | give it rights: userapi db roles")


@on_postgresql
def test_a_database_that_takes_no_writes_is_told(database_url: str, tmp_path: Path) -> None:
    execute(database_url, "ALTER DATABASE {} SET default_transaction_read_only = on")

    with application(settings_for_testing(database_url, tmp_path)) as app:
        report = examined(app)

    # Whatever else is looked at needs no writes either.
    assert {it["name"] for it in report.printed["checks"] if it["verdict"] == "failed"} == {
        "database",
        "mail",
    }
    lines = report.lines("database")
    assert (
        "failed | it takes no writes: it is a replica, or was made read-only | name the primary in "
        "DATABASE_URL, or add target_session_attrs" in lines
    )


def execute(url: str, statement: str) -> None:
    """Run a statement about the database, on the server's own one."""
    target = make_url(url)
    address = target.set(drivername="postgresql", database="postgres")
    with psycopg.connect(
        address.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(str(target.database))))


@pytest.fixture
def latin_url(postgres_url: str) -> Iterator[str]:
    """A database that cannot store most names."""
    with PostgresServer(postgres_url).empty() as url:
        execute(url, "DROP DATABASE {}")
        execute(url, "CREATE DATABASE {} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        yield url


def test_another_encoding_is_told(latin_url: str, tmp_path: Path) -> None:
    lines = database_lines(settings_for_testing(latin_url, tmp_path))

    (line,) = lines
    assert line == (
        "failed | the database in DATABASE_URL has the encoding LATIN1, which cannot keep every "
        "name | make one with: createdb --template=template0 --encoding=UTF8 NAME"
    )


@on_postgresql
def test_too_many_connections_are_warned_of(settings: Settings) -> None:
    many = settings.replace(ServerSettings, processes=64)

    line = database_lines(many)[-1]

    assert line.startswith("warning | the service opens up to 832 connections, and the server has")
    assert line.endswith(
        " | lower WEB_CONCURRENCY, WEB_THREADS or DATABASE_POOL_SIZE, or raise "
        "max_connections there"
    )


# Migrations


def migration_lines(url: str, folder: Path) -> list[str]:
    with application(settings_for_testing(url, folder)) as app:
        return found(app, "migrations")


def test_the_newest_schema_is_fine(database_url: str, tmp_path: Path) -> None:
    (line,) = migration_lines(database_url, tmp_path)

    assert line.startswith("ok | at the newest: ")


def test_a_database_without_tables_is_behind(empty_database_url: str, tmp_path: Path) -> None:
    assert migration_lines(empty_database_url, tmp_path) == [
        "failed | behind this version: no migration yet | run: userapi db upgrade"
    ]


def test_a_schema_that_is_newer_is_warned_of(database_url: str, tmp_path: Path) -> None:
    set_revision(database_url, "9999")

    assert migration_lines(database_url, tmp_path) == [
        (
            "warning | newer than this version: 9999 | replace this version by the one that the "
            "database was migrated for"
        )
    ]


def test_a_schema_that_has_left_this_version_behind_fails(
    database_url: str, tmp_path: Path
) -> None:
    set_revision(database_url, "9999")
    with engine_on(database_url) as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE schema_floors SET revision = '9998'")

    assert migration_lines(database_url, tmp_path) == [
        "failed | beyond this version: 9999 | start the newer userapi"
    ]


# Clocks


@on_postgresql
@pytest.mark.parametrize(
    ("ahead", "verdict"), [(0, "ok"), (5, "warning"), (-5, "warning"), (3600, "failed")]
)
def test_clocks_are_compared(
    settings: Settings, ahead: int, verdict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnoses, "utc_now", lambda: utc_now() + timedelta(seconds=ahead))
    with application(settings) as app:
        line = found(app, "clock")[0]

    assert line.startswith(f"{verdict} | the database's clock differs by ")
    assert line.endswith("let both machines set their clocks by NTP") is (verdict != "ok")


@on_sqlite
def test_sqlite_has_no_clock_of_its_own(settings: Settings) -> None:
    with application(settings) as app:
        assert "ok | the database has this machine's clock" in found(app, "clock")
