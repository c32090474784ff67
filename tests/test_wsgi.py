import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from support.applications import application, close
from support.databases import UNREACHABLE
from support.processes import PRODUCTION_SECRETS
from userapi import app, wsgi
from userapi.config.settings import Settings
from userapi.features import load_settings

APP_LOAD_ERROR = 4


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Flask]]:
    """The applications that were made; their connections are closed at the end."""
    apps: list[Flask] = []
    build_app = app.build_app

    def remember(config: str | Settings | None = None, **_: object) -> Flask:
        apps.append(build_app(config))
        return apps[-1]

    monkeypatch.setattr(app, "build_app", remember)
    yield apps
    gc.unfreeze()
    for one in apps:
        close(one)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment for production that lacks a database."""
    monkeypatch.chdir(tmp_path)
    variables = {**PRODUCTION_SECRETS, "FLASK_ENV": "production", "INSTANCE_PATH": str(tmp_path)}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return monkeypatch


def refusal(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines with which the process ends."""
    with pytest.raises(SystemExit) as ended:
        wsgi.application()
    assert ended.value.code == APP_LOAD_ERROR
    return capsys.readouterr().err.splitlines()


def test_the_environment_makes_the_application(
    production: pytest.MonkeyPatch, database_url: str, made: list[Flask]
) -> None:
    production.setenv("DATABASE_URL", database_url)

    assert wsgi.application() is made[0]


def test_what_was_loaded_is_not_collected(
    production: pytest.MonkeyPatch, database_url: str, made: list[Flask]
) -> None:
    production.setenv("DATABASE_URL", database_url)
    before = gc.get_freeze_count()

    wsgi.application()

    assert gc.get_freeze_count() > before + len(made[0].view_functions)


def test_bad_settings_end_the_process(
    production: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys) == [
        "Error: The settings are not valid:",
        "  DATABASE_URL: must be set in production, to postgresql://user@host/database",
    ]


def test_a_schema_that_is_behind_ends_the_process(
    production: pytest.MonkeyPatch,
    empty_database_url: str,
    made: list[Flask],
    capsys: pytest.CaptureFixture[str],
) -> None:
    production.setenv("DATABASE_URL", empty_database_url)

    assert refusal(capsys) == [
        "Error: the database's schema is behind this version; run: userapi db upgrade"
    ]


def test_a_ring_without_keys_ends_the_process(
    production: pytest.MonkeyPatch,
    database_url: str,
    made: list[Flask],
    capsys: pytest.CaptureFixture[str],
) -> None:
    production.setenv("DATABASE_URL", database_url)
    production.setenv("JWT_ALGORITHM", "EdDSA")

    assert refusal(capsys) == [
        "Error: no key can sign tokens as JWT_ALGORITHM tells; run: userapi keys generate"
    ]


def test_a_ring_with_a_key_makes_the_application(
    production: pytest.MonkeyPatch, database_url: str, made: list[Flask]
) -> None:
    production.setenv("DATABASE_URL", database_url)
    production.setenv("JWT_ALGORITHM", "EdDSA")
    with application(load_settings()) as commands:
        assert commands.test_cli_runner().invoke(args=["keys", "generate"]).exit_code == 0

    assert wsgi.application() is made[-1]


def test_a_database_out_of_reach_ends_the_process(
    production: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    production.setenv("DATABASE_URL", UNREACHABLE)

    (line,) = refusal(capsys)
    assert line.startswith("Error: the database: connection failed: ")
