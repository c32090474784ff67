"""An office for each engine of jobs."""

from collections.abc import Iterator

import pytest

from jobs.offices import Office, office_on


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """Who keeps the jobs."""
    chosen: str = getattr(request, "param", "embedded")
    return chosen


@pytest.fixture(scope="module")
def module_office(
    module_database_url: str, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The office of a module's tests."""
    with office_on(module_database_url, tmp_path_factory.mktemp("office"), engine) as office:
        yield office


@pytest.fixture
def office(module_office: Office) -> Iterator[Office]:
    """An office in which nothing was left yet."""
    yield module_office
    module_office.clear()
