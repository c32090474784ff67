import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import inspect, text

from support.applications import application, engine_of, settings_for_testing
from support.databases import on_sqlite
from userapi.db import migrations
from userapi.db.migrations import SchemaBehind, script_location
from userapi.directory.documents import SEARCH_TABLE
from userapi.features import FEATURES

SCRIPTS = ScriptDirectory(str(script_location()))
HEAD = str(SCRIPTS.get_current_head())
DROPPING = """
from alembic import op

revision = "next"
down_revision = "{}"
branch_labels = depends_on = None


def upgrade() -> None:
    op.drop_table("posts")
"""
NOW_AT_HEAD = f"The database is at revision {HEAD}.\n"


@pytest.fixture
def empty_app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without tables."""
    with application(settings_for_testing(empty_database_url, tmp_path)) as app:
        yield app


@pytest.fixture
def runner(empty_app: Flask) -> FlaskCliRunner:
    return empty_app.test_cli_runner()


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, to which one may be added."""
    copy = shutil.copytree(script_location(), tmp_path / "alembic")
    monkeypatch.setattr(migrations, "script_location", lambda: copy)
    return copy / "versions"


def execute(app: Flask, statement: str) -> None:
    with engine_of(app).begin() as connection:
        connection.execute(text(statement))


def tables(app: Flask) -> set[str]:
    return set(inspect(engine_of(app)).get_table_names()) - {"alembic_version", "schema_floors"}


def test_upgrade_makes_the_tables(runner: FlaskCliRunner, empty_app: Flask) -> None:
    result = runner.invoke(args=["db", "upgrade"])

    assert (result.exit_code, result.output) == (0, NOW_AT_HEAD)
    found = {name for name in tables(empty_app) if not name.startswith(SEARCH_TABLE)}
    assert found == {name for feature in FEATURES for name in feature.tables()}


@on_sqlite
def test_a_review_names_what_harms_the_release_before(
    runner: FlaskCliRunner, scripts: Path
) -> None:
    (scripts / "next.py").write_text(DROPPING.format(HEAD), encoding="utf-8")

    result = runner.invoke(args=["db", "review"])

    assert result.exit_code == 1
    assert "\n  next drops the table posts\n" in result.output


@on_sqlite
def test_a_review_passes_over_what_a_release_has(runner: FlaskCliRunner, scripts: Path) -> None:
    (scripts / "next.py").write_text(DROPPING.format(HEAD), encoding="utf-8")

    result = runner.invoke(args=["db", "review", "--since", "next"])

    told = "The release before can live with all migrations since.\n"
    assert (result.exit_code, result.output) == (0, told)


@on_sqlite
def test_a_second_upgrade_changes_nothing(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["db", "upgrade"])

    result = runner.invoke(args=["db", "upgrade"])

    assert (result.exit_code, result.output) == (0, NOW_AT_HEAD)


@on_sqlite
def test_upgrade_goes_to_the_revision_that_is_named(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "upgrade", "0001"])

    assert (result.exit_code, result.output) == (0, "The database is at revision 0001.\n")


@on_sqlite
def test_upgrade_refuses_an_unknown_revision(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "upgrade", "nowhere"])

    assert result.exit_code == 1
    assert result.output == "Error: Can't locate revision identified by 'nowhere'\n"


@on_sqlite
def test_downgrade_goes_one_step_back(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["db", "upgrade"])
    before = SCRIPTS.get_revision(HEAD).down_revision or "base"

    result = runner.invoke(args=["db", "downgrade", "--yes"])

    assert result.exit_code == 0
    assert result.output.endswith(f"\nThe database is at revision {before}.\n")


def test_downgrade_takes_the_tables_away(runner: FlaskCliRunner, empty_app: Flask) -> None:
    runner.invoke(args=["db", "upgrade"])

    result = runner.invoke(args=["db", "downgrade", "base"], input="y\n")

    assert result.exit_code == 0
    assert result.output.endswith("\nThe database is at revision base.\n")
    assert tables(empty_app) == set()


@pytest.mark.parametrize(
    ("answer", "hint"),
    [("n\n", ""), ("", "; where nobody can answer, add --yes")],
    ids=["no", "nobody"],
)
def test_a_downgrade_names_what_would_be_lost_and_asks(
    runner: FlaskCliRunner, empty_app: Flask, answer: str, hint: str
) -> None:
    runner.invoke(args=["db", "upgrade"])
    execute(empty_app, "INSERT INTO rate_limits VALUES ('a', 1, 0), ('b', 1, 0)")
    before = tables(empty_app)

    result = runner.invoke(args=["db", "downgrade", "0007"], input=answer)

    assert result.exit_code == 1
    assert "Deletes the column sessions.rotated_by.\n" in result.output
    assert "Deletes the table rate_limits (2 rows).\n" in result.output
    assert "0007" not in result.output
    assert f"Error: nothing was changed{hint}\n" in result.output
    assert tables(empty_app) == before


@on_sqlite
def test_a_downgrade_of_an_unknown_branch_takes_nothing_back(
    runner: FlaskCliRunner, empty_app: Flask
) -> None:
    runner.invoke(args=["db", "upgrade"])
    before = tables(empty_app)

    result = runner.invoke(args=["db", "downgrade", "nowhere@base", "--yes"])

    assert (result.exit_code, result.output) == (
        1,
        "Error: there is no branch nowhere; the branches of features are: none\n",
    )
    assert tables(empty_app) == before


@on_sqlite
def test_there_is_nothing_below_an_empty_database(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "downgrade"])

    assert result.exit_code == 1
    assert result.output == "Error: Relative revision -1 didn't produce 1 migrations\n"


@on_sqlite
def test_history_lists_the_migrations(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "history"])

    assert result.exit_code == 0
    assert "<base> -> 0001" in result.output
    assert f"-> {HEAD} (head)" in result.output


@on_sqlite
def test_current_names_the_revision(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["db", "upgrade"])

    result = runner.invoke(args=["db", "current"])

    assert (result.exit_code, result.output) == (0, f"{HEAD} (head)\n")


@on_sqlite
def test_check_passes_when_models_and_database_agree(runner: FlaskCliRunner) -> None:
    runner.invoke(args=["db", "upgrade"])

    result = runner.invoke(args=["db", "check"])

    assert (result.exit_code, result.output) == (0, "No new upgrade operations detected.\n")


def test_check_fails_on_a_difference(runner: FlaskCliRunner, empty_app: Flask) -> None:
    runner.invoke(args=["db", "upgrade"])
    execute(empty_app, "DROP INDEX ix_posts_created_at_id")

    result = runner.invoke(args=["db", "check"])

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: New upgrade operations detected: [('add_index'")


@on_sqlite
def test_check_fails_on_a_database_that_is_behind(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "check"])

    assert result.exit_code == 1
    assert result.output == f"Error: {SchemaBehind.message}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["create-admin", "boss@example.com"],
        ["keys", "list"],
        ["purge"],
        ["seed-db"],
        ["set-role", "boss@example.com", "admin"],
        ["unlock", "boss@example.com"],
    ],
    ids=" ".join,
)
def test_what_needs_the_tables_says_that_they_are_missing(
    runner: FlaskCliRunner, arguments: list[str]
) -> None:
    result = runner.invoke(args=arguments, input="a long password\n")

    assert (result.exit_code, result.output) == (1, f"Error: {SchemaBehind.message}\n")


@on_sqlite
def test_current_says_that_there_is_no_migration_yet(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["db", "current"])

    assert (result.exit_code, result.output) == (
        0,
        "The database has no migration yet; run: userapi db upgrade\n",
    )


@on_sqlite
@pytest.mark.parametrize("folder", ["site-packages", "_alembic"])
def test_no_revision_is_written_into_an_installed_package(
    runner: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    installed = shutil.copytree(script_location(), tmp_path / folder / "alembic")
    monkeypatch.setattr(migrations, "script_location", lambda: installed)
    runner.invoke(args=["db", "upgrade"])
    before = sorted(installed.rglob("*.py"))

    result = runner.invoke(args=["db", "revision", "-m", "mine"])

    assert result.exit_code == 1
    assert "are of an installed package, and none is written there" in result.output
    assert sorted(installed.rglob("*.py")) == before


def test_a_revision_mends_a_difference(
    runner: FlaskCliRunner, empty_app: Flask, scripts: Path
) -> None:
    runner.invoke(args=["db", "upgrade"])
    execute(empty_app, "DROP INDEX ix_posts_created_at_id")
    execute(empty_app, "ALTER TABLE login_throttles DROP COLUMN blocked_until")

    revised = runner.invoke(args=["db", "revision", "-m", "put it back"])
    (written,) = scripts.glob("*_put_it_back.py")
    upgraded = runner.invoke(args=["db", "upgrade"])
    checked = runner.invoke(args=["db", "check"])

    assert (revised.exit_code, upgraded.exit_code, checked.exit_code) == (0, 0, 0), checked.output
    assert f'down_revision = "{HEAD}"' in written.read_text(encoding="utf-8")
    assert "sa.DateTime(timezone=True)" in written.read_text(encoding="utf-8")


@on_sqlite
def test_a_revision_needs_a_message(runner: FlaskCliRunner, scripts: Path) -> None:
    before = sorted(scripts.iterdir())

    result = runner.invoke(args=["db", "revision"])

    assert result.exit_code == 2
    assert "Missing option '-m'" in result.output
    assert sorted(scripts.iterdir()) == before


@on_sqlite
def test_a_newer_database_is_left_alone(runner: FlaskCliRunner, empty_app: Flask) -> None:
    runner.invoke(args=["db", "upgrade"])
    execute(empty_app, "UPDATE alembic_version SET version_num = '9999'")

    result = runner.invoke(args=["db", "upgrade"])

    assert (result.exit_code, result.output) == (
        0,
        "The database is newer than this version, and stays at revision 9999.\n",
    )


def test_a_file_in_a_missing_folder_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "app.sqlite3"
    with application(settings_for_testing(f"sqlite:///{file}", tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["db", "upgrade"])

    assert (result.exit_code, result.output) == (
        1,
        (
            f"Error: cannot make the database file {file}: No such file or directory; "
            "make its folder, or name another in DATABASE_URL\n"
        ),
    )


def test_only_upgrade_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "app.sqlite3"
    with application(settings_for_testing(f"sqlite:///{file}", tmp_path)) as app:
        seeded = app.test_cli_runner().invoke(args=["seed-db"])
        exists_before = file.exists()
        upgraded = app.test_cli_runner().invoke(args=["db", "upgrade"])

    assert (seeded.exit_code, seeded.output) == (
        1,
        (
            f"Error: the database: there is no file {file}; run: userapi db upgrade, or name "
            "another in DATABASE_URL\n"
        ),
    )
    assert (exists_before, upgraded.exit_code, file.exists()) == (False, 0, True)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    file = tmp_path / "app.sqlite3"
    file.mkdir()
    with application(settings_for_testing(f"sqlite:///{file}", tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["db", "current"])

    assert (result.exit_code, result.output) == (
        1,
        (
            f"Error: the database: unable to open database file: {file} is a folder; DATABASE_URL "
            "must name a file that this user may read and write\n"
        ),
    )


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "app.sqlite3").write_text("this is no database at all\n" * 100)
    with application(settings_for_testing(f"sqlite:///{tmp_path}/app.sqlite3", tmp_path)) as app:
        result = app.test_cli_runner().invoke(args=["db", "current"])

    assert (result.exit_code, result.output) == (
        1,
        ("Error: the database: file is not a database; DATABASE_URL must name one of SQLite\n"),
    )
