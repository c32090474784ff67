"""The notes' own branch of migrations, beside those of userapi."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import notes
from notes.feature import FEATURE
from userapi import features
from userapi.app import build_app
from userapi.container import Feature, MigrationBranch, WiringError
from userapi.db.migrations import Migrations, SchemaState
from userapi.features import load_settings
from userapi.web.services import provided

VERSIONS = Path(str(notes.__file__)).parent / "versions"
REVISIONS = {
    revision
    for path in VERSIONS.glob("*.py")
    for revision in re.findall(r'^revision = "(\w+)"', path.read_text("utf-8"), re.MULTILINE)
}
"""The revisions of the branch."""


def app_with(folder: Path, *features: Feature) -> Flask:
    url = os.environ.get("NOTES_DATABASE_URL") or f"sqlite:///{folder}/notes.sqlite3"
    variables = {"TEST_DATABASE_URL": url, "INSTANCE_PATH": str(folder)}
    return build_app(load_settings("testing", variables), features=features)


@pytest.fixture(autouse=True)
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the manifest is handed over; it may be installed besides."""
    monkeypatch.setattr(features, "entry_points", lambda **_: [])


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application with the notes, on a database that is empty at the end."""
    app = app_with(tmp_path, FEATURE)
    yield app
    with app.app_context():
        migrations = provided(Migrations)
        migrations.downgrade("notes@base")
        migrations.downgrade("base")
        app.extensions["sqlalchemy"].engine.dispose()


def test_upgrade_moves_both_branches_and_a_step_back_names_one(app: Flask) -> None:
    runner = app.test_cli_runner()

    upgraded = runner.invoke(args=["db", "upgrade"])
    checked = runner.invoke(args=["db", "check"])
    taken_back = runner.invoke(args=["db", "downgrade", "notes@base", "--yes"])

    assert REVISIONS & {*re.findall(r"\w+", upgraded.output.splitlines()[-1])}
    assert checked.exit_code == 0, checked.output
    assert not REVISIONS & {*re.findall(r"\w+", taken_back.output.splitlines()[-1])}
    with app.app_context():
        assert provided(Migrations).state() is SchemaState.BEHIND


def test_without_the_package_its_tables_are_told_and_come_out_with_it(
    app: Flask, tmp_path: Path
) -> None:
    app.test_cli_runner().invoke(args=["db", "upgrade"])
    without = app_with(tmp_path)

    refused = without.test_cli_runner().invoke(args=["db", "upgrade"])
    app.test_cli_runner().invoke(args=["db", "downgrade", "notes@base", "--yes"])
    upgraded = without.test_cli_runner().invoke(args=["db", "upgrade"])
    with without.app_context():
        without.extensions["sqlalchemy"].engine.dispose()

    assert refused.exit_code == 1
    assert "the database has migrations that are not installed: " in refused.output
    assert upgraded.exit_code == 0, upgraded.output


def test_a_migration_has_the_tables_of_its_branch_only(tmp_path: Path) -> None:
    feature = Feature(
        name="notes",
        models=FEATURE.models,
        personal_data=FEATURE.personal_data,
        migrations=MigrationBranch("notes", tmp_path),
    )
    app = app_with(tmp_path, feature)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0

    written = runner.invoke(args=["db", "revision", "-m", "notes", "--branch", "notes"])

    assert written.exit_code == 0, written.output
    (path,) = tmp_path.glob("*.py")
    text = path.read_text("utf-8")
    assert 'branch_labels = ("notes",)' in text
    assert "create_table" in text
    assert '"notes"' in text
    assert '"users",' not in text.split("def upgrade")[1].replace('["users.id"]', "")
    with app.app_context():
        provided(Migrations).downgrade("base")
        app.extensions["sqlalchemy"].engine.dispose()


def test_an_unknown_branch_is_refused_by_name(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["db", "upgrade"])

    refused = runner.invoke(args=["db", "revision", "-m", "x", "--branch", "nowhere"])

    assert refused.exit_code == 1
    assert "there is no branch nowhere; the branches of features are: notes" in refused.output


def test_a_name_can_be_used_once(tmp_path: Path) -> None:
    with pytest.raises(WiringError, match="two features have the name posts"):
        app_with(tmp_path, Feature(name="posts"))
