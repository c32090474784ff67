"""The generated document, of an application that never reaches its database."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from support.applications import application, settings_for_testing


@pytest.fixture(scope="session")
def documented_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose document and pages are looked at."""
    folder = tmp_path_factory.mktemp("contract")
    with application(settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder)) as app:
        yield app


@pytest.fixture(scope="session")
def document(documented_app: Flask) -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    served: dict[str, Any] = documented_app.test_client().get("/openapi.json").get_json()
    return served
