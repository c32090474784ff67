"""Runners of commands on applications that really commit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from support.applications import application, empty_tables, settings_for_testing
from support.databases import Server


@pytest.fixture(scope="module")
def committing_app(
    server: Server, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application on a migrated database that no other module uses."""
    with server.copy_of(template_url) as url:
        settings = settings_for_testing(url, tmp_path_factory.mktemp("instance"))
        with application(settings) as app:
            yield app


@pytest.fixture
def own_app(committing_app: Flask) -> Iterator[Flask]:
    """The application that really commits; its tables are emptied after each test."""
    yield committing_app
    empty_tables(committing_app)


@pytest.fixture
def runner(own_app: Flask) -> FlaskCliRunner:
    """Runs commands on the application that really commits."""
    return own_app.test_cli_runner()


@pytest.fixture
def offline_runner(tmp_path: Path) -> Iterator[FlaskCliRunner]:
    """Runs commands on an application whose database cannot be reached."""
    settings = settings_for_testing("postgresql://app@127.0.0.1:1/app", tmp_path)
    with application(settings) as app:
        yield app.test_cli_runner()
