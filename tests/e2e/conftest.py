"""Server processes that race for a database that is emptied after each test."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from support.applications import empty_tables_on
from support.databases import Server, engine_on
from support.processes import live_server
from support.races import PROCESSES
from support.redis import redis_server
from support.repeating import repeated


@pytest.fixture(scope="session")
def raced_database_url(server: Server, template_url: str) -> Iterator[str]:
    """A migrated database that only the racing processes use."""
    with server.copy_of(template_url) as url:
        yield url


@pytest.fixture(scope="session")
def racing_url(raced_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Several server processes on that database, for all races: their start takes longest."""
    folder = tmp_path_factory.mktemp("racing")
    with live_server(
        raced_database_url, folder, workers=PROCESSES, TRUSTED_PROXIES="1"
    ) as base_url:
        yield base_url


@pytest.fixture
def url(racing_url: str, raced_database_url: str) -> Iterator[str]:
    """Several server processes on a database that is empty before and after the test."""
    yield racing_url
    with engine_on(raced_database_url) as engine:
        empty_tables_on(engine)


@pytest.fixture
def committed(url: str, raced_database_url: str) -> Iterator[Session]:
    """A session on the database that the server processes use."""
    with engine_on(raced_database_url) as engine, Session(engine) as session:
        yield session


@pytest.fixture(scope="module", params=["database", repeated("redis")])
def rate_limit_store(request: pytest.FixtureRequest, database: str) -> Iterator[dict[str, str]]:
    """Where several processes count: the variables for their database, and for a real Redis.

    Each kind of database has a Redis of its own, so that it begins without counts there too.
    """
    if request.param == "database":
        yield {}
    else:
        with redis_server() as url:
            yield {"RATELIMIT_STORAGE_URI": url}
