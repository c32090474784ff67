"""A client that somebody installed goes on working while the service gains fields and values.

The clients are generated from today's document, and from that of every release that today's
contract still keeps.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.edits import edited
from sdk.generating import ROOT, generate
from sdk.later_service import serving
from sdk.mutations import MUTATIONS
from support.applications import application, settings_for_testing
from support.databases import SQLiteFiles, migrate
from support.keys import key_command
from support.node import node_tool
from support.processes import PRODUCTION_SECRETS, clean_environment, run, run_python

pytestmark = [pytest.mark.system, pytest.mark.long]
PROGRAMS = Path(__file__).parent / "programs"
Tell = Callable[[Path, Path, list[str]], list[str]]
TODAY = ROOT / "openapi" / "openapi.json"
DOCUMENTS = {
    "today": TODAY,
    **{
        path.stem: path
        for path in sorted((ROOT / "openapi" / "releases").glob("*.json"))
        if path.read_bytes() != TODAY.read_bytes()
    },
}


@pytest.fixture(scope="module")
def later_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service as it may be later; it signs with a key, which it tells."""
    folder = tmp_path_factory.mktemp("later")
    with SQLiteFiles(folder).empty() as url:
        migrate(url)
        key_command(url, folder, "generate", JWT_ALGORITHM="EdDSA")
        variables = {"JWT_ALGORITHM": "EdDSA", "JWT_ACCESS_TOKEN_EXPIRES": "3600"}
        settings = settings_for_testing(url, folder, **PRODUCTION_SECRETS, **variables)
        with application(settings) as app, serving(app) as address:
            yield address


@pytest.fixture(scope="module", params=DOCUMENTS)
def clients(
    request: pytest.FixtureRequest,
    generators: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of both clients of a document."""
    if request.param == "today":
        today: Path = request.getfixturevalue("sdk")
        return today
    folder = tmp_path_factory.mktemp("released")
    return generate(folder, generators, DOCUMENTS[request.param])


def tell_in_python(clients: Path, folder: Path, urls: list[str]) -> list[str]:
    """Run the story with the Python client; return what it tells of each address."""
    variables = clean_environment(PYTHONPATH=str(clients / "python"), PYTHONWARNINGS="error")
    program = str(PROGRAMS / "read_all.py")
    done = run_python(program, *urls, folder=folder, variables=variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def tell_in_typescript(clients: Path, folder: Path, urls: list[str]) -> list[str]:
    """Compile the story with the TypeScript client; return what it tells of each address."""
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "userapi-client").symlink_to(clients / "typescript")
    shutil.copy(PROGRAMS / "read_all.mts", folder)
    options = ("--strict", "--target", "es2022", "--module", "nodenext")
    compiled = run(
        *(node_tool("tsc"), *options, "read_all.mts"), folder=folder, variables=clean_environment()
    )
    assert compiled.returncode == 0, compiled.stdout
    done = run("node", "read_all.mjs", *urls, folder=folder, variables=clean_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def failures_of(tell: Tell, clients: Path, folder: Path, url: str, *names: str) -> dict[str, str]:
    """Return each mutation that ended the story, or that did not reach it, with what was told."""
    told = tell(clients, folder, [f"{url}/{name}" for name in names])
    return {
        name: line if line.startswith('"') else f"{MUTATIONS[name].trace} did not arrive: {line}"
        for name, line in zip(names, told, strict=True)
        if line.startswith('"') or MUTATIONS[name].trace not in line
    }


def test_there_are_many_ways_to_grow() -> None:
    assert len(MUTATIONS) >= 30


@pytest.mark.parametrize("tell", [tell_in_python, tell_in_typescript])
def test_no_client_breaks_when_answers_grow(
    tell: Tell, clients: Path, later_url: str, tmp_path: Path
) -> None:
    assert failures_of(tell, clients, tmp_path, later_url, *MUTATIONS) == {}


def test_a_client_of_a_closed_value_is_seen_to_break(
    generators: dict[str, str], document: dict[str, Any], later_url: str, tmp_path: Path
) -> None:
    """What 0.1.0 had, which is why its clients are not among those above."""
    role = ("components", "schemas", "User", "properties", "role", "enum")
    closed = tmp_path / "closed.json"
    closed.write_text(json.dumps(edited(document, {role: ["user", "moderator", "admin"]})))
    clients = generate(tmp_path / "sdk", generators, closed)

    names = ("fields-of-user", "value-of-user-role", "code-of-409")
    failures = failures_of(tell_in_python, clients, tmp_path, later_url, *names)

    assert failures.keys() == {"value-of-user-role"}
    assert "ValueError" in failures["value-of-user-role"]
