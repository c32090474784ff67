"""What is wrong with a feature that is installed is one line, whatever the command."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from support.processes import clean_environment, run_python
from userapi import console, features
from userapi.container import Feature, MigrationBranch, Shared


class Greeter:
    """What nobody implements."""


def ask(shared: Shared) -> list[object]:
    return [shared.late(Greeter)]


OFFERED = SimpleNamespace(
    nameless=Feature(name=""),
    posts=Feature(name="posts"),
    greeting=Feature(name="greeting", build=ask),
    serving=Feature(name="serving", commands=[click.Command("serve")]),
    lost=Feature(name="lost", migrations=MigrationBranch("lost", Path("/nowhere"))),
    plain=Feature(name="plain", settings=[Greeter]),
)
HERE = f"{__name__}:OFFERED"


def error_of(
    value: str,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Return what the console script tells where a package declares this entry point."""
    entry = EntryPoint(name="extra", value=value, group=features.ENTRY_POINTS)
    monkeypatch.setattr(features, "entry_points", lambda **_: [entry])
    monkeypatch.setattr(sys, "argv", ["userapi", *arguments])
    with pytest.raises(SystemExit) as ended:
        console.run()
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    (line,) = told.err.splitlines()
    return line


@pytest.mark.parametrize("arguments", [["--help"], ["db", "upgrade"]], ids=" ".join)
@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("nowhere:FEATURE", "PLACE cannot be loaded: ModuleNotFoundError: No module named"),
        ("userapi.app:NOTHING", "PLACE cannot be loaded: AttributeError: module 'userapi.app'"),
        ("userapi.app:build_app", "PLACE: function is no userapi.container.Feature"),
        (f"{HERE}.nameless", "PLACE: the feature has no name; give it one"),
        (f"{HERE}.posts", "two features have the name posts, of userapi and of PLACE; rename one"),
        (f"{HERE}.serving", "the features userapi and serving both bring the command serve; "),
        (f"{HERE}.lost", "the feature lost: there is no folder /nowhere for its migrations; "),
        (f"{HERE}.plain", "the feature plain: Greeter is no group of settings; "),
    ],
    ids=["module", "attribute", "manifest", "nameless", "name", "command", "folder", "settings"],
)
def test_a_broken_feature_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    value: str,
    told: str,
) -> None:
    line = error_of(value, arguments, monkeypatch, capsys)

    assert line.startswith("Error: " + told.replace("PLACE", f"the entry point extra = {value}"))


def test_a_protocol_that_nobody_implements_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("FLASK_ENV", "testing")
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))

    told = error_of(f"{HERE}.greeting", ["db", "current"], monkeypatch, capsys)

    assert told == (
        f"Error: no feature implements Greeter, which the feature {OFFERED.greeting.name} asks "
        "for; add the "
        "feature that yields Implements(Greeter, ...)"
    )


def test_an_installed_package_with_broken_migrations_is_one_line(tmp_path: Path) -> None:
    (information := tmp_path / "letters-1.0.dist-info").mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: letters\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[userapi.features]\nletters = letters:FEATURE\n")
    (tmp_path / "letters.py").write_text(
        "from pathlib import Path\n"
        "from userapi.container import Feature, MigrationBranch\n"
        "branch = MigrationBranch('letters', Path(__file__).parent / 'versions')\n"
        "FEATURE = Feature(name='letters', migrations=branch)\n"
    )
    (versions := tmp_path / "versions").mkdir()
    (versions / "letters_0001.py").write_text("def upgrade(:\n")
    variables = clean_environment(
        FLASK_ENV="testing", INSTANCE_PATH=str(tmp_path), PYTHONPATH=str(tmp_path)
    )

    ended = run_python("-m", "userapi", "db", "history", folder=tmp_path, variables=variables)

    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(
        f"Error: the feature letters: its migrations in {versions} cannot be read: SyntaxError: "
    )
