"""Fixtures: an empty database, and the migrations upon whatever database a test begins with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from support.databases import engine_on
from userapi.db.migrations import Migrations


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The engine of an empty database; a module overrides it that begins with rows."""
    with engine_on(empty_database_url) as engine:
        yield engine


@pytest.fixture
def migrations(engine: Engine) -> Migrations:
    """Our migrations alone, on that database."""
    return Migrations(engine=engine)
