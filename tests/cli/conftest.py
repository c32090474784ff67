"""Runners of commands."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from support.applications import application, settings_for_testing
from support.databases import UNREACHABLE


@pytest.fixture
def runner(own_app: Flask) -> FlaskCliRunner:
    """Runs commands on the application that really commits."""
    return own_app.test_cli_runner()


@pytest.fixture
def offline_runner(tmp_path: Path) -> Iterator[FlaskCliRunner]:
    """Runs commands on an application whose database cannot be reached."""
    settings = settings_for_testing(UNREACHABLE, tmp_path)
    with application(settings) as app:
        yield app.test_cli_runner()
