"""Migrations that start together, that wait for locks, and that are killed."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url

from support.databases import on_postgresql
from support.processes import clean_environment, environment_for_testing
from userapi.db.migrating import alone
from userapi.db.migration_limits import MigrationLimits
from userapi.db.migrations import Migrations, SchemaBeyond, script_location
from userapi.db.revisions import SchemaState

STARTERS = 4
UPGRADE = """
import sys
from pathlib import Path

from sqlalchemy import create_engine

from userapi.db import migrations
from userapi.db.engine import configure_engine

migrations.script_location = lambda: Path(sys.argv[2])
engine = create_engine(sys.argv[1])
configure_engine(engine)
migrations.Migrations(engine=engine).upgrade()
"""
NEXT = """
import sys
import time

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    {}
"""
HALF_DONE = """op.create_table("halves", sa.Column("id", sa.Integer()))
    print("half", flush=True)
    time.sleep(60)"""
WHOLE = """op.create_table("halves", sa.Column("id", sa.Integer()))"""
SHORT = MigrationLimits(lock=0.2, statement=0.2)


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of the migrations, to which some may be added and from which some may be taken."""
    return shutil.copytree(script_location(), tmp_path / "alembic")


def add_next(scripts: Path, what: str) -> None:
    """Add a migration to the copy that does that."""
    newest = max(file.name[:4] for file in script_location().glob("versions/0*.py"))
    (scripts / "versions" / "next.py").write_text(NEXT.format(newest, what), encoding="utf-8")


def upgrade(url: str, scripts: Path) -> subprocess.Popen[str]:
    """Begin to migrate with these migrations in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", UPGRADE, url, str(scripts)],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def with_next(
    engine: Engine, scripts: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> Migrations:
    """Return migrations with one more that does that, on a database that lacks only this one."""
    Migrations(engine=engine).upgrade()
    add_next(scripts, what)
    monkeypatch.setattr("userapi.db.migrations.script_location", lambda: scripts)
    return Migrations(engine=engine)


@contextmanager
def reading_in_a_transaction(url: str) -> Iterator[int]:
    """Have somebody be idle in a transaction that has read users; yield their process."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, application_name="a forgotten psql") as connection:
        connection.execute("SELECT count(*) FROM users")
        yield connection.info.backend_pid


def test_of_those_that_start_together_one_migrates(empty_database_url: str, tmp_path: Path) -> None:
    starters = [
        subprocess.Popen(
            [sys.executable, "-m", "userapi", "db", "upgrade"],
            env=environment_for_testing(empty_database_url, tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(STARTERS)
    ]

    assert [ended(starter) for starter in starters] == [(0, "")] * STARTERS


def test_an_older_version_beside_a_newer_one_leaves_the_newer_schema(
    empty_database_url: str, engine: Engine, scripts: Path
) -> None:
    older = shutil.copytree(scripts, scripts.parent / "older")
    for newest in sorted(older.glob("versions/0*.py"))[-2:]:
        newest.unlink()

    both = [upgrade(empty_database_url, version) for version in (older, scripts)]

    assert [ended(process) for process in both] == [(0, "")] * 2
    assert Migrations(engine=engine).state() is SchemaState.CURRENT


def test_a_killed_migration_is_made_by_the_next_run(
    empty_database_url: str, engine: Engine, scripts: Path
) -> None:
    Migrations(engine=engine).upgrade()
    add_next(scripts, HALF_DONE)
    killed = upgrade(empty_database_url, scripts)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "half\n"
    killed.kill()
    killed.communicate(timeout=60)
    add_next(scripts, WHOLE)

    assert ended(upgrade(empty_database_url, scripts)) == (0, "")
    assert inspect(engine).has_table("halves")


def test_nobody_waits_for_ever_for_another_that_migrates(
    engine: Engine, migrations: Migrations
) -> None:
    with alone(engine, 1), pytest.raises(CommandError, match=r"migrating this database for 0.1 s"):
        migrations.upgrade(limits=MigrationLimits(turn=0.1))


@on_postgresql
def test_a_migration_behind_an_idle_transaction_gives_up_and_tells_whose_it_is(
    engine: Engine, empty_database_url: str, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_column = 'op.add_column("users", sa.Column("more", sa.Integer()))'
    migrations = with_next(engine, scripts, add_column, monkeypatch)

    with reading_in_a_transaction(empty_database_url) as process:
        with pytest.raises(CommandError) as refused:
            migrations.upgrade(limits=SHORT)
        with engine.connect() as connection:  # a reader, who would wait behind the migration
            connection.execute(text("SET statement_timeout = '5s'"))
            assert connection.scalar(text("SELECT count(*) FROM users")) == 0

    told = str(refused.value)
    assert f"a forgotten psql (process {process}, idle in transaction, its transaction" in told
    assert f"SELECT pg_terminate_backend({process})" in told
    migrations.upgrade()
    assert migrations.state() is SchemaState.CURRENT


@on_postgresql
def test_a_statement_that_others_would_wait_for_is_broken_off(
    engine: Engine, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations = with_next(engine, scripts, 'op.execute("SELECT pg_sleep(30)")', monkeypatch)

    with pytest.raises(CommandError, match=r"takes more than 0.2 s, .* --statement-timeout 0"):
        migrations.upgrade(limits=SHORT)


@on_postgresql
def test_a_statement_beside_others_takes_its_time(
    engine: Engine, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = """with op.get_context().autocommit_block():
        op.execute("SELECT pg_sleep(0.5)")"""
    migrations = with_next(engine, scripts, beside, monkeypatch)

    migrations.upgrade(limits=SHORT)

    assert migrations.state() is SchemaState.CURRENT


@on_postgresql
def test_no_limit_stays_on_a_connection(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade()

    with engine.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "0"


def mark_newer(engine: Engine, floor: str) -> None:
    """Have the database be of a newer version, which left behind all who do not know `floor`."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_floors SET revision = :it"), {"it": floor})


def test_a_newer_schema_that_lets_this_version_live_is_served(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade()
    mark_newer(engine, *migrations.heads)

    migrations.ensure_current()

    assert migrations.state() is SchemaState.NEWER
    assert not migrations.is_behind()


def test_a_schema_that_has_left_this_version_behind_is_refused(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade()
    (head,) = migrations.heads
    mark_newer(engine, "9998")

    assert migrations.is_behind()
    told = rf"it is at 9999, for versions that know 9998, and this one ends at {head}; start the"
    for use in (migrations.ensure_current, migrations.upgrade):
        with pytest.raises(SchemaBeyond, match=told):
            use()
