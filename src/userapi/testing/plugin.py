"""A pytest plugin: an application with the feature under test, on a migrated SQLite file.

Name it in `conftest.py` with `pytest_plugins = ["userapi.testing.plugin"]`, and override
its fixture `feature`.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from userapi.app import build_app
from userapi.container import Feature
from userapi.db.migrations import Migrations
from userapi.features import all_features, load_settings
from userapi.web.services import provided


@pytest.fixture(scope="session")
def feature() -> Feature:
    """The feature under test; a package overrides it in its `conftest.py`."""
    message = "override the fixture `feature` in conftest.py: let it return your manifest"
    raise pytest.UsageError(message)


@pytest.fixture(scope="session")
def userapi_app(feature: Feature, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with the feature, on a migrated database of its own."""
    folder = tmp_path_factory.mktemp("userapi")
    variables = {
        "TEST_DATABASE_URL": f"sqlite:///{folder}/testing.sqlite3",
        "INSTANCE_PATH": str(folder),
        "JWT_ACCESS_TOKEN_EXPIRES": "3600",
    }
    features = all_features([feature])
    app = build_app(load_settings("testing", variables, features), features=[feature])
    with app.app_context():
        provided(Migrations).upgrade()
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def userapi_client(userapi_app: Flask) -> FlaskClient:
    """A client of that application."""
    return userapi_app.test_client()
