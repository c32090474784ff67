from collections.abc import Iterator

import pytest

from support.applications import application, settings_for_testing
from web.server.serving import Told


@pytest.fixture(scope="module")
def module_told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """An application that does as it is told."""
    folder = tmp_path_factory.mktemp("told")
    with application(settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder)) as app:
        yield Told(app)


@pytest.fixture
def told(module_told: Told, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """The application, its gate closed at first and opened in the end; its server ends soon."""
    monkeypatch.setattr("userapi.web.worker.STOPPING_SECONDS", 0.3)
    monkeypatch.setattr("userapi.web.server.transmission.SILENT_SECONDS", 0.3)
    module_told.gate.clear()
    while module_told.begun.acquire(blocking=False):
        pass
    yield module_told
    module_told.gate.set()
