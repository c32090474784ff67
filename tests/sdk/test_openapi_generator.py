"""OpenAPI Generator, the strictest reader: it takes the document, and its clients are right."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from sdk.generating import ROOT, TODAY
from sdk.stories import DOCS, write_story
from support.node import node_tool
from support.processes import clean_environment, live_server, run

pytestmark = pytest.mark.system

STRICT = ("--strict", "--target", "es2022", "--module", "nodenext")
TOLD = ["I am Ada Lovelace", "3 posts", "Notes, Looms, Engines", "refused: session-ended"]
Generate = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(
    openapi_generator: str,
    generators: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Generate:
    """Generate a client by the command that docs/sdk.md prints, and return its folder."""

    def generate(target: str) -> Path:
        command = re.search(rf"^    openapi-generator-cli (.* -g {target} .*)$", DOCS, re.MULTILINE)
        assert command is not None
        folder = tmp_path_factory.mktemp(target)
        words = [
            str(folder) if word.startswith("build/sdk/") else word
            for word in shlex.split(command[1])
        ]
        done = run(openapi_generator, *words, folder=ROOT, variables=generators)
        assert done.returncode == 0, done.stdout + done.stderr
        return folder

    return generate


@pytest.fixture(scope="module")
def java(made: Generate) -> Path:
    """The folder of the Java client's classes."""
    return made("java") / "src" / "main" / "java" / "org" / "openapitools" / "client"


def test_nothing_is_wrong_with_the_document(
    openapi_generator: str, generators: dict[str, str]
) -> None:
    command = (openapi_generator, "validate", "--recommend", "-i", str(TODAY))

    done = run(*command, folder=ROOT, variables=generators)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "No validation issues detected" in done.stdout


def test_ids_are_long_in_java(java: Path) -> None:
    sources = {path.stem: path.read_text("utf-8") for path in java.rglob("*.java")}
    user, event, page = (sources[name] for name in ("User", "AuditEvent", "UserPage"))

    assert "private Long id;" in user
    assert re.findall(r"private Long (\w+);", event) == ["id", "actorId", "subjectId"]
    assert "private Long total;" in page
    calls = re.findall(r"public User getUser\(@\S+ (\w+) userId", sources["UsersApi"])
    assert {*calls} == {"Long"}
    narrow = re.findall(r"Integer (?:\w+Id|id|total)\b", "".join(sources.values()))
    assert narrow == []


@pytest.mark.any_database
def test_the_typescript_client_compiles_and_works_as_printed(
    made: Generate, database_url: str, tmp_path: Path
) -> None:
    client, environment = made("typescript-fetch"), clean_environment()
    compiled = run(node_tool("tsc"), "-p", str(client), folder=client, variables=environment)
    assert compiled.returncode == 0, compiled.stdout
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "userapi-fetch").symlink_to(client)

    with live_server(database_url, tmp_path) as url:
        write_story("fetch.mts", tmp_path, url)
        story = run(node_tool("tsc"), *STRICT, "fetch.mts", folder=tmp_path, variables=environment)
        assert story.returncode == 0, story.stdout
        done = run("node", "fetch.mjs", folder=tmp_path, variables=environment)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == TOLD
