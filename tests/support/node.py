"""What the tests use of Node.js: the tools that tools/node/package-lock.json lists."""

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "tools" / "node"
NEEDED = (
    "Node.js or tools/node/node_modules is missing; "
    "install Node.js 20 or later with npm, then run make test-system"
)


def node_tool(name: str) -> str:
    """Return the path of an installed tool; without it the test cannot run."""
    return str(node_file(".bin", name))


def node_file(*parts: str) -> Path:
    """Return a file of the installed packages; without it the test cannot run."""
    path = FOLDER.joinpath("node_modules", *parts)
    if shutil.which("node") is not None and path.exists():
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(NEEDED, pytrace=False)
    pytest.skip(NEEDED)  # where nobody asked for CI's strictness
