"""The Python client: its names, its types, and the program that docs/sdk.md prints."""

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from sdk.stories import (
    TOLD,
    TOLD_OF_RESET,
    add_users,
    mailing_server,
    tell_of_reset,
    write_story,
)
from support.processes import clean_environment, live_server, run_python

pytestmark = pytest.mark.system

WAYS_TO_CALL = {"sync", "sync_detailed", "asyncio", "asyncio_detailed"}


@pytest.fixture(scope="session")
def package(sdk: Path) -> Path:
    """The folder of the package."""
    return sdk / "python" / "userapi_client"


def functions_of(module: Path) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the public functions of a module."""
    found = ast.parse(module.read_text("utf-8")).body
    functions = [item for item in found if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {item.name: item for item in functions if not item.name.startswith("_")}


def modules_of(package: Path) -> dict[str, Path]:
    """Return the modules of the operations by their names."""
    return {path.stem: path for path in package.glob("api/*/[!_]*.py")}


def test_each_operation_is_a_module(package: Path, operations: dict[str, Any]) -> None:
    modules = modules_of(package)
    assert modules.keys() == operations.keys()
    assert all(functions_of(path).keys() == WAYS_TO_CALL for path in modules.values())


def test_each_module_is_in_the_package_of_its_tag(
    package: Path, operations: dict[str, Any]
) -> None:
    modules = modules_of(package)
    assert {name: [path.parent.name] for name, path in modules.items()} == {
        name: operation["tags"] for name, operation in operations.items()
    }


def test_each_schema_is_a_model_and_beside_them_are_only_what_they_are_made_of(
    package: Path, document: dict[str, Any]
) -> None:
    exported = ast.parse((package / "models" / "__init__.py").read_text("utf-8")).body[-1]
    assert isinstance(exported, ast.Assign)
    models = {*ast.literal_eval(exported.value)}
    assert models >= document["components"]["schemas"].keys()
    assert {"User", "UserCreate", "UserPage", "Problem", "LoginResult"} <= models
    assert models - document["components"]["schemas"].keys() == {
        "AuditEventDetails",
        "ExportSectionItemsItem",
        "ExportSectionItemsItemAdditionalPropertyType5",
        "ExportUsersFormat",
        "ImportCreateFormat",
        "ImportCreateOnDuplicate",
        "InvitationCreateRole",
        "ListAuditEventsEvent",
        "ListOwnEventsEvent",
        "ListPostsTotal",
        "ListSessionsTotal",
        "ListUserPostsTotal",
        "ListUserSessionsTotal",
        "ListUsersRole",
        "ListUsersSort",
        "ListUsersTotal",
        "NewUserRole",
        "RoleChangeRole",
        "UploadImportFormat",
        "UploadImportOnDuplicate",
        "UserChangeRole",
        "UserFilterRole",
    }


def test_only_an_answer_without_a_body_is_typed_any(
    package: Path, operations: dict[str, Any]
) -> None:
    """The generator's own fault; when this fails because it is mended, docs/sdk.md is to say so."""
    untyped = set()
    for name, module in modules_of(package).items():
        answer = functions_of(module)["sync"].returns
        assert answer is not None
        if "Any" in ast.unparse(answer):
            untyped.add(name)
    assert untyped == {
        name
        for name, operation in operations.items()
        if any(
            not {"content", "$ref"} & response.keys()
            for response in operation["responses"].values()
        )
    }


@pytest.mark.parametrize("checked", ["the client", "walk.py", "reset.py"])
def test_the_types_are_right(checked: str, package: Path, tmp_path: Path) -> None:
    path = package if checked == "the client" else write_story(checked, tmp_path)
    strictly = ("--strict", "--config-file=", f"--cache-dir={package.parents[1] / 'mypy-cache'}")
    done = run_python(
        "-m",
        "mypy",
        *strictly,
        str(path),
        folder=tmp_path,
        variables=clean_environment(MYPYPATH=str(package.parent)),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_story_works_as_printed(package: Path, database_url: str, tmp_path: Path) -> None:
    with live_server(database_url, tmp_path) as url:
        add_users(url)
        story = write_story("walk.py", tmp_path, url)
        variables = clean_environment(PYTHONPATH=str(package.parent), PYTHONWARNINGS="error")
        done = run_python(str(story), folder=tmp_path, variables=variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == TOLD


def test_a_password_is_reset_and_data_taken_along_as_printed(
    package: Path, database_url: str, tmp_path: Path
) -> None:
    variables = clean_environment(PYTHONPATH=str(package.parent), PYTHONWARNINGS="error")
    with mailing_server(database_url, tmp_path) as (url, mails):
        story = str(write_story("reset.py", tmp_path, url))
        told = tell_of_reset(
            sys.executable, story, folder=tmp_path, variables=variables, mails=mails
        )

    assert told == TOLD_OF_RESET
