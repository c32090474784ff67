"""Server processes that race for a database of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from support.databases import engine_on
from support.processes import live_server
from support.races import PROCESSES


@pytest.fixture
def url(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Several server processes on a database of the test's own."""
    with live_server(database_url, tmp_path, workers=PROCESSES) as base_url:
        yield base_url


@pytest.fixture
def committed(database_url: str) -> Iterator[Session]:
    """A session on the database that the server processes use."""
    with engine_on(database_url) as engine, Session(engine) as session:
        yield session
