"""The page of the commands is what the commands say."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from command_page import writing
from command_page.page import PAGE, page
from userapi import features
from userapi.cli.commands import all_commands
from userapi.console import console_script
from userapi.container import Feature
from userapi.features import FEATURES

pytestmark = pytest.mark.any_database

STALE = "docs/commands.md is stale: run make docs"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), STALE


def options_in(command: click.Command, path: str = "userapi") -> Iterator[tuple[str, click.Option]]:
    """Yield each option of a command and of those below it, with the command's whole name."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield f"{path} {command.name}", parameter
    if isinstance(command, click.Group):
        for member in command.commands.values():
            yield from options_in(member, f"{path} {command.name}")


def test_every_option_says_what_it_does() -> None:
    options = [it for command in all_commands(FEATURES) for it in options_in(command)]
    silent = [f"{name} {option.opts[0]}" for name, option in options if not option.help]

    assert options
    assert silent == []


class Installed:
    """An entry point of a package that is installed."""

    name, value = "installed", "installed:FEATURE"

    def load(self) -> Feature:
        command = click.Command("installed", help="Belongs to another package.")
        return Feature(name="installed", commands=(command,))


def test_commands_of_other_packages_are_not_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "entry_points", lambda **_: [Installed()])

    assert "installed" in console_script().commands
    assert "installed" not in page()


def test_a_stale_page_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / PAGE.name
    copy.write_text(page() + "more", encoding="utf-8")
    monkeypatch.setattr(writing, "PAGE", copy)

    monkeypatch.setattr("sys.argv", ["write-commands", "--check"])
    with pytest.raises(SystemExit, match="1"):
        writing.main()
    assert STALE in capsys.readouterr().err

    monkeypatch.setattr("sys.argv", ["write-commands"])
    writing.main()
    assert copy.read_text(encoding="utf-8") == page()
