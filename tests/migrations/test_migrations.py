import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, Inspector, inspect, text
from sqlalchemy.exc import DatabaseError

from support.databases import Server, engine_on, on_postgresql
from support.processes import environment_for_testing, run
from support.repeating import repeated
from userapi.db.migrations import Migrations, script_location
from userapi.db.revisions import SchemaState
from userapi.directory.documents import SEARCH_TABLE
from userapi.features import FEATURES, metadata

REPOSITORY = Path(__file__).parents[2]
TABLES = {name for feature in FEATURES for name in feature.tables()}
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}
NEXT = """
revision = "next"
down_revision = "{}"


def upgrade() -> None:
    pass
"""
_OF_DB_ITSELF = ("alembic_version_pkc", "pk_schema_floors")
DIFFERENT = "New upgrade operations detected"


@pytest.fixture
def engine_of_the_models(server: Server) -> Iterator[Engine]:
    """The engine of a database whose tables were made from the models alone."""
    with server.empty() as url, engine_on(url) as engine:
        metadata.create_all(engine)
        yield engine


def tables(engine: Engine) -> set[str]:
    """Return the tables, but for Alembic's and those that SQLite keeps for searches."""
    found = set(inspect(engine).get_table_names()) - {"alembic_version", "schema_floors"}
    return {name for name in found if not name.startswith(SEARCH_TABLE)}


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def indexes(engine: Engine) -> dict[str, str]:
    """Return every index's definition, by its name."""
    with engine.connect() as connection:
        rows = connection.execute(text(INDEXES[engine.dialect.name]))
        return {name: definition for name, definition in rows if name not in _OF_DB_ITSELF}


def structure(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return what each table is made of."""
    inspector = inspect(engine)
    return {table: structure_of(inspector, table) for table in sorted(TABLES)}


def structure_of(inspector: Inspector, table: str) -> dict[str, Any]:
    columns = inspector.get_columns(table)
    return {
        "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in columns},
        "checks": {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table)},
        "keys": inspector.get_pk_constraint(table),
        "references": inspector.get_foreign_keys(table),
    }


def alembic(*arguments: str, database_url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run plain Alembic at the top of the repository."""
    variables = environment_for_testing(database_url, folder)
    return run(sys.executable, "-m", "alembic", *arguments, folder=REPOSITORY, variables=variables)


def test_up_down_and_up_again(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade()
    assert tables(engine) == TABLES

    migrations.downgrade("base")
    assert tables(engine) == set()
    assert migrations.current() == frozenset()

    migrations.upgrade()
    assert tables(engine) == TABLES


@pytest.mark.parametrize("database", ["sqlite", repeated("postgresql")], indirect=True)
def test_plain_alembic_goes_up_and_down(empty_database_url: str, tmp_path: Path) -> None:
    for command in (["upgrade", "head"], ["check"], ["downgrade", "base"], ["upgrade", "head"]):
        ended = alembic(*command, database_url=empty_database_url, folder=tmp_path)

        assert ended.returncode == 0, ended.stderr
        assert "Warning" not in ended.stderr


@on_postgresql
def test_plain_alembic_prints_the_sql(empty_database_url: str, tmp_path: Path) -> None:
    command = ("upgrade", "head", "--sql")

    ended = alembic(*command, database_url=empty_database_url, folder=tmp_path)

    assert "CREATE UNIQUE INDEX uq_users_email ON users (lower(email))" in ended.stdout


def test_the_models_and_the_migrations_agree(migrations: Migrations) -> None:
    migrations.upgrade()

    migrations.check()


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_posts_created_at_id",
        "ALTER TABLE posts ADD COLUMN likes INTEGER",
    ],
)
def test_a_difference_is_found(engine: Engine, migrations: Migrations, change: str) -> None:
    migrations.upgrade()
    execute(engine, change)

    with pytest.raises(CommandError, match=DIFFERENT):
        migrations.check()


def test_the_migrated_tables_are_what_the_models_say(
    engine: Engine, engine_of_the_models: Engine, migrations: Migrations
) -> None:
    migrations.upgrade()

    assert structure(engine) == structure(engine_of_the_models)
    assert indexes(engine) == indexes(engine_of_the_models)


def test_an_address_is_unique_among_the_living(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade()

    definition = indexes(engine)["uq_users_email"]
    assert definition.startswith("CREATE UNIQUE INDEX")
    assert "lower(" in definition
    assert re.search(r"WHERE \(?deleted_at IS NULL\)?$", definition)


def test_an_empty_database_is_behind(migrations: Migrations) -> None:
    assert migrations.state() is SchemaState.BEHIND
    assert migrations.is_behind()


def test_a_database_taken_back_is_behind(migrations: Migrations) -> None:
    migrations.upgrade()
    migrations.downgrade("base")

    assert migrations.state() is SchemaState.BEHIND


def test_a_database_of_an_earlier_version_is_behind(
    engine: Engine,
    migrations: Migrations,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    migrations.upgrade()
    scripts = shutil.copytree(script_location(), tmp_path / "alembic")
    (scripts / "versions" / "next.py").write_text(NEXT.format(*migrations.heads), encoding="utf-8")
    monkeypatch.setattr("userapi.db.migrations.script_location", lambda: scripts)

    assert Migrations(engine=engine).state() is SchemaState.BEHIND


def test_a_migrated_database_is_current(migrations: Migrations) -> None:
    migrations.upgrade()

    assert migrations.current() == migrations.heads
    assert migrations.state() is SchemaState.CURRENT
    assert not migrations.is_behind()


def test_an_unknown_revision_is_newer(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade()
    execute(engine, "UPDATE alembic_version SET version_num = '9999'")

    assert migrations.state() is SchemaState.NEWER
    assert not migrations.is_behind()


def test_a_newer_database_stays_as_it_is(engine: Engine, migrations: Migrations) -> None:
    migrations.upgrade()
    execute(engine, "UPDATE alembic_version SET version_num = '9999'")

    migrations.upgrade()

    assert migrations.current() == {"9999"}


def test_a_migration_that_fails_leaves_nothing_behind(
    engine: Engine, migrations: Migrations
) -> None:
    execute(engine, "CREATE TABLE posts (id INTEGER)")

    with pytest.raises(DatabaseError, match="posts"):
        migrations.upgrade()

    assert tables(engine) == {"posts"}
    assert migrations.current() == frozenset()


def test_the_folder_does_not_shadow_the_library() -> None:
    assert script_location() == REPOSITORY / "alembic"
    assert not (script_location() / "__init__.py").exists()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(script_location())).get_heads()) == 1
