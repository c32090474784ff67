"""Without Node.js the tests that need it fail under CI, and are skipped elsewhere."""

from pathlib import Path

import pytest

from support.node import node_tool

pytestmark = pytest.mark.system

NEEDED = "install Node.js 20 or later with npm, then run make test-system"


def test_without_its_tools_ci_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.node.FOLDER", tmp_path)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=NEEDED):
        node_tool("tsc")


def test_without_its_tools_others_skip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.node.FOLDER", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=NEEDED):
        node_tool("tsc")


def test_without_node_ci_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=NEEDED):
        node_tool("tsc")
