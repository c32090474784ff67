from pathlib import Path

import pytest

from config.loading import variables_read


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A folder for what the settings make."""
    return tmp_path / "instance"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, in an environment that configures nothing."""
    for name in variables_read():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
