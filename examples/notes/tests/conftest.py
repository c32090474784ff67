"""Fixtures: the application with the notes."""

import pytest

from notes.feature import FEATURE
from userapi.container import Feature

pytest_plugins = ["userapi.testing.plugin"]


@pytest.fixture(scope="session")
def feature() -> Feature:
    """The feature under test."""
    return FEATURE
