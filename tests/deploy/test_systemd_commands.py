"""Commands where systemd runs the service: who runs them, and with which settings."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "deploy" / "systemd"
PROGRAM = "/opt/userapi/bin/userapi"
SETTINGS = "/etc/userapi"
RECORDER = '#!/bin/sh\nprintf "%s\\0" "$@" > "${0%/*}/recorded"\nexit 3\n'

Command = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run the command by that name; return its status, and what it has systemd-run do."""
    recorder = tmp_path / "systemd-run"
    recorder.write_text(RECORDER, encoding="utf-8")
    recorder.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"

    def run(name: str, *words: str) -> tuple[int, list[str]]:
        (tmp_path / name).symlink_to(UNITS / "userapi")
        done = subprocess.run([tmp_path / name, *words], check=False, env={"PATH": path})
        return done.returncode, (tmp_path / "recorded").read_text("utf-8").split("\0")[:-1]

    return run


def properties(words: list[str]) -> list[str]:
    return [word.removeprefix("--property=") for word in words if word.startswith("--property=")]


def as_whom_and_with_what(unit: str) -> list[str]:
    """Return the lines of a unit that say as whom, where and with which settings it runs."""
    kinds = "User|Group|WorkingDirectory|StateDirectory|StateDirectoryMode|UMask"
    text = (UNITS / unit).read_text("utf-8")
    return re.findall(rf"^(?:{kinds}|Environment|EnvironmentFile)=.*", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("userapi", "userapi.service"), ("userapi-owner", "userapi-purge.service")],
)
def test_a_command_runs_as_the_unit_does(command: Command, name: str, unit: str) -> None:
    _, words = command(name, "doctor")

    assert sorted(properties(words)) == sorted(as_whom_and_with_what(unit))
    assert words[-2:] == [PROGRAM, "doctor"]


@pytest.mark.parametrize("name", ["userapi-purge.service", "userapi-owner"])
def test_the_owners_settings_win_over_the_service(command: Command, name: str) -> None:
    given = as_whom_and_with_what(name) if "." in name else properties(command(name, "purge")[1])

    assert [line for line in given if line.startswith("EnvironmentFile=")] == [
        f"EnvironmentFile={SETTINGS}/userapi.env",
        f"EnvironmentFile={SETTINGS}/owner.env",
    ]


def test_it_waits_and_ends_as_the_command_does(command: Command) -> None:
    status, words = command("userapi", "db", "upgrade")

    assert status == 3
    assert {"--wait", "--collect", "--pty", "--pipe"} <= {*words}


def test_the_command_gets_its_words_as_they_are(command: Command) -> None:
    _, words = command("userapi", "db", "upgrade", "--sql", "two words", "", "*", "${HOME}$$")

    # systemd makes one $ of two, and takes ${HOME} for a variable.
    assert words[words.index(PROGRAM) :] == [
        *(PROGRAM, "db", "upgrade", "--sql", "two words", "", "*", "$${HOME}$$$$"),
    ]


def printed(page: str) -> list[str]:
    """Return the lines that a page prints to be typed."""
    return re.findall(r"^ {4}(\S.*)$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE)


def test_the_files_of_settings_are_private_and_stay_when_they_are_made_again(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "settings"
    lines = [line.replace(SETTINGS, str(folder)) for line in printed("serving.md")]
    script = "\n".join(line for line in lines if str(folder) in line)

    subprocess.run(["sh", "-euc", script], check=True)
    for name in ("userapi.env", "owner.env"):
        assert (folder / name).stat().st_mode & 0o077 == 0
        (folder / name).write_text("SECRET_KEY=kept\n", encoding="utf-8")
    subprocess.run(["sh", "-euc", script], check=True)

    assert {file.read_text("utf-8") for file in folder.iterdir()} == {"SECRET_KEY=kept\n"}


def test_everything_for_systemd_is_put_where_it_belongs() -> None:
    lines = "\n".join(printed("serving.md"))

    for file in UNITS.iterdir():
        assert f"deploy/systemd/{file.name}" in lines or f"deploy/systemd/*{file.suffix}" in lines


@pytest.mark.parametrize("page", ["serving.md", "upgrading.md"])
def test_no_page_has_a_shell_read_the_settings(page: str) -> None:
    lines = printed(page)

    assert not [line for line in lines if re.search(rf"(\.|source) {SETTINGS}/", line)]
    assert not [line for line in lines if line.startswith(f"{PROGRAM} ")]
