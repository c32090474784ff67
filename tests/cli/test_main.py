"""The console script as a whole: which commands there are, and how they fail."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskCliRunner

import userapi
from support.processes import clean_environment, run_python
from userapi.console import console_script, run


def walk(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the path of `command` and of every command below it."""
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from walk(below, *path, name)


COMMANDS = console_script()
PATHS = [" ".join(path) for path in walk(COMMANDS)]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return clean_environment(FLASK_ENV="testing", INSTANCE_PATH=str(tmp_path))


def test_all_commands_are_there() -> None:
    assert sorted(PATHS) == [
        "",
        "create-admin",
        "db",
        "db backup",
        "db check",
        "db current",
        "db downgrade",
        "db history",
        "db mark-restored",
        "db restore",
        "db review",
        "db revision",
        "db roles",
        "db search-index",
        "db upgrade",
        "doctor",
        "export-user",
        "jobs",
        "jobs create-tables",
        "jobs list",
        "jobs retry",
        "keys",
        "keys generate",
        "keys list",
        "keys retire",
        "keys rotate",
        "mail",
        "mail list",
        "mail retry",
        "openapi",
        "openapi print",
        "openapi write",
        "purge",
        "reset-password",
        "routes",
        "seed-db",
        "serve",
        "set-role",
        "shell",
        "unlock",
        "users",
        "users export",
        "users import",
        "worker",
    ]


@pytest.mark.parametrize("path", PATHS)
def test_every_command_answers_help(path: str) -> None:
    result = CliRunner().invoke(COMMANDS, [*path.split(), "--help"], prog_name="userapi")

    usage, _, explanation = result.output.partition("\n\n")
    assert result.exit_code == 0
    assert usage.startswith(f"Usage: userapi {path}".rstrip())
    assert explanation.strip()[0].isupper()


@pytest.mark.any_database
def test_the_commands_are_flasks_too(own_app: Flask) -> None:
    assert set(COMMANDS.commands) <= set(own_app.cli.commands)


def test_the_version_is_shown() -> None:
    result = CliRunner().invoke(COMMANDS, ["--version"])

    assert result.output == f"userapi, version {userapi.__version__}\n"


def groups_of(group: click.Group) -> Iterator[click.Group]:
    """Yield the group and those in it."""
    yield group
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from groups_of(command)


def test_every_summary_fits_its_line() -> None:
    for group in groups_of(COMMANDS):
        with click.Context(group, terminal_width=80) as context:
            assert "..." not in group.get_help(context).partition("Commands:")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["db", "current"],
        ["db", "history"],
        ["db", "check"],
        ["db", "roles"],
        ["doctor"],
        ["keys", "list"],
        ["openapi", "print"],
        ["routes"],
    ],
    ids=" ".join,
)
def test_a_command_that_reads_makes_no_file_and_no_folder(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_ENV", "development")
    monkeypatch.setattr("sys.argv", ["userapi", *arguments])

    with pytest.raises(SystemExit):
        run()

    assert list(tmp_path.iterdir()) == []


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(COMMANDS, ["fly"])

    assert result.exit_code == 2
    assert "No such command 'fly'" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["db", "upgrade"],
        ["db", "downgrade"],
        ["db", "current"],
        ["db", "check"],
        ["seed-db"],
        ["seed-db", "--if-empty"],
        ["create-admin", "boss@example.com"],
    ],
    ids=" ".join,
)
def test_a_database_out_of_reach_is_one_clear_line(
    offline_runner: FlaskCliRunner, arguments: list[str]
) -> None:
    result = offline_runner.invoke(args=arguments, input="password123\n")

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: the database: connection failed: ")
    assert "Connection refused" in line
    assert line.endswith("; check host and port in DATABASE_URL, and that the server runs")


@pytest.mark.any_database
def test_the_routes_are_listed(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["routes"])

    assert result.exit_code == 0
    assert "/api/v1/users/me" in result.output
    assert "/health/ready" in result.output


def test_the_shell_has_the_application(tmp_path: Path, variables: dict[str, str]) -> None:
    typed = "print('the app is', app.name)\nprint('testing is', app.testing)\n"

    ended = run_python("-m", "userapi", "shell", folder=tmp_path, variables=variables, typed=typed)

    assert ended.returncode == 0, ended.stderr
    assert "the app is userapi" in ended.stdout
    assert "testing is True" in ended.stdout


def test_bad_settings_are_told_in_full(tmp_path: Path, variables: dict[str, str]) -> None:
    wrong = {**variables, "PORT": "http", "LOG_LEVEL": "loud"}

    ended = run_python("-m", "userapi", "db", "current", folder=tmp_path, variables=wrong)

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "Error: The settings are not valid:",
        "  PORT: must be a whole number from 1 to 65535",
        "  LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ]
