from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.accounts import Account, Headers, try_login
from support.applications import application, settings_for_production, settings_for_testing
from userapi.config.settings import Settings
from userapi.features import load_settings
from userapi.rate_limits.settings import RateLimitSettings
from web.callers import Caller
from web.failing import Failing
from web.forger import Forger


@pytest.fixture
def caller(client: FlaskClient, admin_user: Account, admin_headers: Headers) -> Caller:
    """A caller whose every mistake is in the input."""
    return Caller(client, admin_headers, admin_user.id)


@pytest.fixture
def forger(app: Flask, client: FlaskClient, user: Account) -> Forger:
    """Somebody who forges tokens of `user`."""
    return Forger(app, try_login(client, user.email).get_json())


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Failing]:
    """An application that fails as it does outside tests."""
    settings = settings_for_testing(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path)
    with application(settings) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield Failing(app)


# Applications that are asked for nothing that needs a database


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the applications keep their files."""
    return tmp_path_factory.mktemp("web")


@pytest.fixture(scope="module")
def testing(folder: Path) -> Iterator[FlaskClient]:
    """A client of the testing application."""
    with application(settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder)) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def development(folder: Path) -> Iterator[FlaskClient]:
    """A client of the development application."""
    with application(load_settings("development", {"INSTANCE_PATH": str(folder)})) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def production_settings(folder: Path) -> Settings:
    """Production settings, with nothing set that need not be; limits would need a database."""
    settings = settings_for_production(f"sqlite:///{folder}/none.sqlite3", folder)
    return settings.replace(RateLimitSettings, enabled=False)


@pytest.fixture(scope="module")
def production(production_settings: Settings) -> Iterator[FlaskClient]:
    """A client of the production application."""
    with application(production_settings) as app:
        yield app.test_client()
