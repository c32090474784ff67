"""The TypeScript client: its names, its types, and the program that docs/sdk.md prints."""

import re
from pathlib import Path
from typing import Any

import pytest

from sdk.stories import (
    PRINTED_ADDRESS,
    TOLD,
    TOLD_OF_RESET,
    add_users,
    mailing_server,
    tell_of_reset,
    write_story,
)
from support.node import node_tool
from support.processes import clean_environment, live_server, run

pytestmark = pytest.mark.system

COMPILE = ("--strict", "--target", "es2022", "--module", "nodenext")
OF_AN_OPERATION = ("Data", "Error", "Errors", "Response", "Responses")


@pytest.fixture(scope="session")
def sources(sdk: Path) -> Path:
    """The folder of the generated sources."""
    return sdk / "typescript" / "src"


@pytest.fixture
def project(sdk: Path, tmp_path: Path) -> Path:
    """A folder that the client is installed in, as npm installs a folder."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "userapi-client").symlink_to(sdk / "typescript")
    return tmp_path


def exports_of(source: Path, kind: str) -> list[str]:
    """Return the names of what a source exports: constants, or types."""
    return re.findall(rf"^export {kind} (\w+)\b", source.read_text("utf-8"), re.MULTILINE)


def camel(name: str) -> str:
    """Return how TypeScript writes the name of a function."""
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def compile_story(project: Path, name: str, url: str, *options: str) -> None:
    """Compile a story with the command that docs/sdk.md prints."""
    write_story(name, project, url)
    done = run(
        node_tool("tsc"),
        *COMPILE,
        *options,
        name,
        folder=project,
        variables=clean_environment(),
    )
    assert done.returncode == 0, done.stdout


def test_each_operation_is_a_function(sources: Path, operations: dict[str, Any]) -> None:
    functions = exports_of(sources / "sdk.gen.ts", "const")
    assert sorted(functions) == sorted(map(camel, operations))


def test_each_type_is_a_schema_a_parameter_or_of_an_operation(
    sources: Path, document: dict[str, Any], operations: dict[str, Any]
) -> None:
    types = exports_of(sources / "types.gen.ts", "type")
    components = {**document["components"]["schemas"], **document["components"]["parameters"]}
    pascals = [camel(f"_{name}") for name in operations]
    assert components.keys() <= {*types}
    assert {*types} - components.keys() <= {
        "ClientOptions",
        *(f"{name}{what}" for name in pascals for what in OF_AN_OPERATION),
    }
    assert len(types) == len({*types})


def test_nothing_has_an_unknown_type(sources: Path) -> None:
    types = re.sub(r"/\*.*?\*/", "", (sources / "types.gen.ts").read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r".*\b(?:any|unknown)\b.*", types) == []


def test_the_client_needs_no_other_package(sources: Path) -> None:
    imported = {
        name
        for path in sources.rglob("*.ts")
        for name in re.findall(r"""from ['"](.*?)['"]""", path.read_text("utf-8"))
    }
    assert imported != set()
    assert [name for name in imported if not name.startswith(".")] == []


@pytest.mark.parametrize(
    "options", [(), ("--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess")]
)
@pytest.mark.parametrize("story", ["walk.mts", "reset.mts"])
def test_the_types_of_the_stories_are_right(
    project: Path, story: str, options: tuple[str, ...]
) -> None:
    compile_story(project, story, PRINTED_ADDRESS, "--noEmit", *options)


def test_only_the_generators_own_code_is_loose_about_optional_properties(sdk: Path) -> None:
    """When this fails because the generator is mended, docs/sdk.md is to say so."""
    done = run(
        node_tool("tsc"),
        "--noEmit",
        "--exactOptionalPropertyTypes",
        folder=sdk / "typescript",
        variables=clean_environment(),
    )
    loose = set(re.findall(r"^src/(\w+)/.*error TS", done.stdout, re.MULTILINE))
    assert loose == {"client", "core"}
    assert re.findall(r"^src/\w+\.gen\.ts.*error TS", done.stdout, re.MULTILINE) == []


def test_the_story_works_as_printed(project: Path, database_url: str) -> None:
    with live_server(database_url, project) as url:
        add_users(url)
        compile_story(project, "walk.mts", url)
        done = run("node", "walk.mjs", folder=project, variables=clean_environment())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == TOLD


def test_a_password_is_reset_and_data_taken_along_as_printed(
    project: Path, database_url: str
) -> None:
    with mailing_server(database_url, project) as (url, mails):
        compile_story(project, "reset.mts", url)
        variables = clean_environment()
        told = tell_of_reset("node", "reset.mjs", folder=project, variables=variables, mails=mails)

    assert told == TOLD_OF_RESET
