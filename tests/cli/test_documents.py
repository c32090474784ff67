import json
from pathlib import Path

import pytest
import yaml
from flask.testing import FlaskCliRunner

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"


@pytest.fixture
def runner(offline_runner: FlaskCliRunner) -> FlaskCliRunner:
    """The document needs no database."""
    return offline_runner


def test_the_printed_document_is_the_committed_one(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["openapi", "print"])

    assert result.exit_code == 0
    assert result.output == COMMITTED.read_text(encoding="utf-8")


def test_yaml_says_the_same(runner: FlaskCliRunner) -> None:
    as_json = runner.invoke(args=["openapi", "print", "--format", "json"]).output
    as_yaml = runner.invoke(args=["openapi", "print", "--format", "yaml"]).output

    assert yaml.safe_load(as_yaml) == json.loads(as_json)
    assert not as_yaml.startswith("{")


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_the_document_is_written(runner: FlaskCliRunner, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"document.{name}"
    result = runner.invoke(args=["openapi", "write", str(path), "--format", name])
    printed = runner.invoke(args=["openapi", "print", "--format", name])

    assert (result.exit_code, result.output) == (0, f"Wrote {path}.\n")
    assert path.read_text(encoding="utf-8") == printed.output


@pytest.mark.parametrize("suffix", ["yaml", "yml", "YAML"])
def test_a_yaml_file_is_written_as_yaml(
    runner: FlaskCliRunner, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"document.{suffix}"
    runner.invoke(args=["openapi", "write", str(path)])

    printed = runner.invoke(args=["openapi", "print", "--format", "yaml"])
    assert path.read_text(encoding="utf-8") == printed.output


def test_a_file_that_exists_is_replaced(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text("stale" * 100_000, encoding="utf-8")
    runner.invoke(args=["openapi", "write", str(path)])

    assert json.loads(path.read_text(encoding="utf-8"))["openapi"] == "3.1.0"


def test_a_missing_folder_is_one_clear_line(runner: FlaskCliRunner, tmp_path: Path) -> None:
    path = tmp_path / "missing" / "document.json"

    result = runner.invoke(args=["openapi", "write", str(path)])

    assert (result.exit_code, result.output) == (1, f"Error: {path}: No such file or directory\n")


def test_a_folder_is_refused(runner: FlaskCliRunner, tmp_path: Path) -> None:
    result = runner.invoke(args=["openapi", "write", str(tmp_path)])

    assert result.exit_code == 2
    assert "is a directory" in result.output


def test_an_unknown_format_is_refused(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["openapi", "print", "--format", "xml"])

    assert result.exit_code == 2
    assert "'xml' is not one of 'json', 'yaml'" in result.output
