"""An application that really commits, for what a test inside one transaction cannot show."""

from collections.abc import Iterator

import pytest
from flask import Flask

from support.applications import application, empty_tables, settings_for_testing
from support.databases import Server


@pytest.fixture(scope="module")
def committing_app(
    server: Server, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application on a database that no other module uses."""
    with server.copy_of(template_url) as url:
        settings = settings_for_testing(url, tmp_path_factory.mktemp("instance"))
        with application(settings) as app:
            yield app


@pytest.fixture
def own_app(committing_app: Flask) -> Iterator[Flask]:
    """The application that really commits; its tables are emptied after each test."""
    yield committing_app
    empty_tables(committing_app)
