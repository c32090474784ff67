"""Without a browser the tests that need it fail under CI, and are skipped elsewhere."""

import sys
from pathlib import Path

import pytest

from support.browser import browser_path

NEEDED = "install the Debian package chromium, and with pip what requirements/system.txt lists"


@pytest.fixture(autouse=True)
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that commands are looked for in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_a_browser_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=NEEDED):
        browser_path()


def test_without_a_browser_others_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=NEEDED):
        browser_path()


def test_without_playwright_ci_fails(empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_path / "chromium").touch(mode=0o755)
    monkeypatch.setitem(sys.modules, "playwright", None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=NEEDED):
        browser_path()
