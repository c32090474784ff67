"""Fixtures: commands on the application inside the test's transaction."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs commands that see what the test has arranged."""
    return app.test_cli_runner()
