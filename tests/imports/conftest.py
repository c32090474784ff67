"""Fixtures: files of users, and the commands that read and write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

ImportFile = Callable[..., Result]
"""A function that imports rows, or a text, with these options."""


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs commands inside the test's transaction."""
    return app.test_cli_runner()


@pytest.fixture
def import_file(runner: FlaskCliRunner, tmp_path: Path) -> ImportFile:
    """Import what a file holds."""

    def run(content: list[dict[str, Any]] | str, *options: str) -> Result:
        file = tmp_path / ("users.csv" if str(content).startswith("id,") else "users.ndjson")
        if not isinstance(content, str):
            content = "".join(json.dumps(row) + "\n" for row in content)
        file.write_bytes(content.encode())
        return runner.invoke(args=["users", "import", str(file), *options])

    return run


def person(name: str, **columns: Any) -> dict[str, Any]:
    """Return a row of a person of that name."""
    return {"email": f"{name}@example.com", "first_name": name, "last_name": "Row", **columns}
