"""Both clients, generated once."""

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from sdk.generating import ROOT, generate
from support.node import node_tool
from support.processes import clean_environment

NEEDED = "openapi-python-client is missing; install with pip what requirements/system.txt lists"

NEEDED_FOR_MORE = (
    "openapi-generator-cli or a Java runtime is missing; install with pip what "
    "requirements/system.txt lists, and java (Debian: apt install default-jre-headless)"
)


@pytest.fixture(scope="session")
def generators() -> dict[str, str]:
    """The environment of tools/generate-sdk; without the generators the tests cannot run."""
    node_tool("openapi-ts")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("openapi-python-client", path=path) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NEEDED, pytrace=False)
        pytest.skip(NEEDED)  # where nobody asked for CI's strictness
    return clean_environment(PATH=path)


@pytest.fixture(scope="session")
def openapi_generator(generators: dict[str, str]) -> str:
    """The program of OpenAPI Generator, which needs a Java runtime beside it."""
    program = shutil.which("openapi-generator-cli", path=generators["PATH"])
    if program is not None and shutil.which("java") is not None:
        return program
    if os.environ.get("CI") == "true":
        pytest.fail(NEEDED_FOR_MORE, pytrace=False)
    pytest.skip(NEEDED_FOR_MORE)  # where nobody asked for CI's strictness


@pytest.fixture(scope="session")
def sdk(generators: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of both clients."""
    return generate(tmp_path_factory.mktemp("sdk"), generators)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The document that the clients are generated from."""
    committed: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_text("utf-8"))
    return committed


@pytest.fixture(scope="session")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The operations of the document by their names."""
    return {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    }
