import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import QueuePool

import userapi
from support.applications import (
    close,
    engine_of,
    settings_for_production,
    settings_for_testing,
    settings_of,
)
from support.databases import UNREACHABLE, set_revision
from support.processes import PRODUCTION_MAIL, PRODUCTION_SECRETS, clean_environment, run_python
from userapi.app import build_app, create_app
from userapi.config.database import DatabaseSettings
from userapi.config.environments import Environment
from userapi.config.settings import Settings, SettingsError
from userapi.db.migrations import SchemaBehind
from userapi.mail.errors import BrokenTemplates
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.fields import SPECIAL_USE_ADDRESSES
from userapi.web.services import provided

BEHIND = "the database's schema is behind this version; run: userapi db upgrade"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, which an empty environment makes the instance folder as well."""
    for name in ("FLASK_ENV", "SECRET_KEY", "JWT_SECRET_KEY", "DATABASE_URL", "TEST_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def production(database_url: str, tmp_path: Path) -> Settings:
    """Production settings on a migrated database, with mail."""
    return settings_for_production(database_url, tmp_path, **PRODUCTION_MAIL)


@pytest.fixture
def apps() -> Iterator[list[Flask]]:
    """Applications whose connections are closed at the end."""
    made: list[Flask] = []
    yield made
    for app in made:
        close(app)


@pytest.mark.parametrize("name", ["development", "testing"])
def test_an_application_is_made_by_an_environments_name(folder: Path, name: str) -> None:
    assert settings_of(create_app(name)).environment == name


def test_an_application_is_made_for_production(
    production: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, apps: list[Flask]
) -> None:
    for name, value in {
        **PRODUCTION_SECRETS,
        "DATABASE_URL": production.of(DatabaseSettings).url,
    }.items():
        monkeypatch.setenv(name, value)

    apps.append(create_app("production"))

    assert settings_of(apps[0]).is_production
    assert apps[0].config[SPECIAL_USE_ADDRESSES] is False


def test_an_application_is_made_of_settings(tmp_path: Path) -> None:
    settings = settings_for_testing("postgresql://db.example/scratch", tmp_path)

    assert settings_of(create_app(settings)) is settings


def test_the_environment_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_ENV", "testing")

    assert settings_of(create_app()).environment is Environment.TESTING


def test_development_is_the_default(folder: Path) -> None:
    assert settings_of(create_app()).environment is Environment.DEVELOPMENT


def test_an_unknown_name_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match="FLASK_ENV: must be one of"):
        create_app("staging")


def test_production_without_secrets_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsError, match="JWT_SECRET_KEY: must be set in production"):
        create_app("production")


def test_the_settings_configure_flask(folder: Path) -> None:
    app = create_app("testing")

    assert app.testing
    assert app.config["JWT_TOKEN_LOCATION"] == ["headers"]
    assert app.instance_path == str(folder / "instance")


def test_two_applications_have_nothing_in_common(folder: Path) -> None:
    first, second = create_app("testing"), create_app("testing")

    assert engine_of(first) is not engine_of(second)
    assert first.config["JWT_SECRET_KEY"] != second.config["JWT_SECRET_KEY"]


def test_production_starts_on_a_current_schema(
    production: Settings, apps: list[Flask], caplog: pytest.LogCaptureFixture
) -> None:
    apps.append(create_app(production))

    assert settings_of(apps[0]) is production
    assert caplog.messages == []


@pytest.mark.parametrize("algorithm", [Algorithm.HS256, Algorithm.EDDSA])
def test_production_leaves_no_connection_to_the_processes_that_a_server_forks(
    production: Settings, apps: list[Flask], algorithm: Algorithm
) -> None:
    settings = production.replace(TokenSettings, algorithm=algorithm)
    if algorithm.has_key_ring:
        apps.append(build_app(settings))
        with apps[0].app_context():
            provided(SigningKeyService).generate()

    apps.append(create_app(settings))

    pool = engine_of(apps[-1]).pool
    assert isinstance(pool, QueuePool)
    assert (pool.checkedin(), pool.checkedout()) == (0, 0)


def test_production_refuses_a_schema_that_is_behind(
    empty_database_url: str, tmp_path: Path, apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    def remember(settings: Settings, **_: object) -> Flask:
        apps.append(build_app(settings))
        return apps[0]

    monkeypatch.setattr("userapi.app.build_app", remember)
    settings = settings_for_production(empty_database_url, tmp_path)

    with pytest.raises(SchemaBehind, match=BEHIND):
        create_app(settings)


def test_production_without_mail_says_so_once(
    database_url: str, tmp_path: Path, apps: list[Flask], caplog: pytest.LogCaptureFixture
) -> None:
    apps.append(create_app(settings_for_production(database_url, tmp_path)))

    (line,) = caplog.messages
    assert line.startswith("no mail is sent: ")


def test_templates_that_cannot_be_used_are_told_at_start(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    broken = tmp_path / "en" / "invitation.txt"
    broken.write_text("{% block subject %}Join{% endblock %}\n{{ link")
    settings = settings_for_production(
        database_url, tmp_path, **PRODUCTION_MAIL, MAIL_TEMPLATES=str(tmp_path)
    )

    with pytest.raises(BrokenTemplates) as refused:
        create_app(settings)

    assert f"{broken}, line 2: " in str(refused.value)


def test_production_serves_a_newer_schema_with_a_warning(
    production: Settings, apps: list[Flask], caplog: pytest.LogCaptureFixture
) -> None:
    set_revision(production.of(DatabaseSettings).url, "9999")

    apps.append(create_app(production))

    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "schema is newer" in record.getMessage()
    assert apps[0].test_client().get("/health/ready").status_code == 200


def test_the_commands_are_built_without_a_look_at_the_database(tmp_path: Path) -> None:
    settings = settings_for_production(UNREACHABLE, tmp_path)

    assert settings_of(build_app(settings)) is settings


@pytest.mark.parametrize("name", ["development", "testing"])
def test_only_production_looks_at_the_schema(folder: Path, name: str) -> None:
    create_app(name)

    assert not list(folder.rglob("*.sqlite3"))


def test_importing_the_kit_does_not_load_flask(tmp_path: Path) -> None:
    program = (
        "import sys, userapi.kit.errors; print(sorted({'flask', 'sqlalchemy'} & {*sys.modules}))"
    )

    ended = run_python("-c", program, folder=tmp_path, variables=clean_environment())

    assert ended.stdout == "[]\n", ended.stderr


@pytest.mark.any_database
def test_a_start_on_a_current_schema_loads_nothing_that_only_commands_need(
    database_url: str, tmp_path: Path
) -> None:
    program = (
        "import sys, userapi.wsgi; userapi.wsgi.application();"
        "print(sorted({'alembic', 'mako', 'pygments', 'rich'} & {*sys.modules}))"
    )
    variables = clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="production",
        DATABASE_URL=database_url,
        INSTANCE_PATH=str(tmp_path),
    )

    ended = run_python("-c", program, folder=tmp_path, variables=variables)

    assert ended.stdout == "[]\n", ended.stderr


def test_the_package_exports_the_factory() -> None:
    assert userapi.create_app is create_app


def test_the_package_exports_nothing_else() -> None:
    assert userapi.__all__ == ["__version__", "create_app"]
    with pytest.raises(AttributeError, match="has no attribute 'application'"):
        userapi.application  # noqa: B018 - reading it is the point
