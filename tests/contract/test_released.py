"""The contract of the last release is kept, and what breaks it is found."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract.comparing import need_oasdiff
from contract.edits import GONE, Edits, edited
from releasing import Refused
from releasing.changelog import Unreleased
from releasing.contract import change_made_by, differences, version_of
from releasing.versions import Change

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "openapi" / "released.json"
REGISTER = ("paths", "/api/v1/users", "post")
LIST_USERS = ("paths", "/api/v1/users", "get")
DELETE_USER = ("paths", "/api/v1/users/{user_id}", "delete")
LIVENESS = ("paths", "/health/live", "get")
USER = ("components", "schemas", "User")
NEW_USER = ("components", "schemas", "UserCreate")
JSON_BODY = (*REGISTER, "requestBody", "content", "application/json")
CONFLICT = (*REGISTER, "responses", "409")
PROBLEM = (*CONFLICT, "content", "application/problem+json")
TEXT = {"type": "string"}

BREAKS: dict[str, Edits] = {
    "a renamed response field": {
        (*USER, "properties", "email"): GONE,
        (*USER, "properties", "mail"): TEXT,
    },
    "a response field that may be missing": {(*USER, "required"): ["id"]},
    "a response field that may be null": {
        (*USER, "properties", "email", "type"): ["string", "null"]
    },
    "a response field of another type": {(*USER, "properties", "id", "type"): "string"},
    "a removed operation": {DELETE_USER: GONE},
    "a removed path": {LIVENESS[:2]: GONE},
    "a removed status": {(*DELETE_USER, "responses", "204"): GONE},
    "a removed status of an error": {CONFLICT: GONE},
    "a removed code of an error": {(*PROBLEM, "examples", "email-taken"): GONE},
    "a removed header": {(*REGISTER, "responses", "201", "headers", "Location"): GONE},
    "another media type of a response": {PROBLEM: GONE, (*PROBLEM[:-1], "text/plain"): {}},
    "another media type of a request": {JSON_BODY: GONE, (*JSON_BODY[:-1], "text/csv"): {}},
    "a new required field": {
        (*NEW_USER, "properties", "nickname"): TEXT,
        (*NEW_USER, "required", 0): "nickname",
    },
    "a removed request field": {
        ("components", "schemas", "UserUpdate", "properties", "last_name"): GONE
    },
    "a narrower length": {(*NEW_USER, "properties", "password", "maxLength"): 20},
    "a narrower type": {(*NEW_USER, "properties", "password", "enum"): ["one", "two"]},
    "a new required parameter": {
        (*LIVENESS, "parameters"): [{"in": "query", "name": "q", "required": True, "schema": TEXT}]
    },
    "a removed parameter": {(*LIST_USERS, "parameters", 0): GONE},
    "a parameter of another type": {(*LIST_USERS, "parameters", 0, "schema", "type"): "boolean"},
    "new credentials": {(*LIVENESS, "security"): [{"bearerAuth": []}]},
    "other credentials": {(*LIST_USERS, "security"): [{"refreshAuth": []}]},
    "another kind of credentials": {
        ("components", "securitySchemes", "bearerAuth", "scheme"): "basic"
    },
    "another server": {("servers", 0, "url"): "/v2"},
    "another name of an operation": {(*LIST_USERS, "operationId"): "users"},
    "another tag": {(*LIST_USERS, "tags"): ["people"]},
}
ADDITIONS: dict[str, Edits] = {
    "a new optional field": {(*NEW_USER, "properties", "nickname"): TEXT},
    "a new response field": {(*USER, "properties", "nickname"): TEXT},
    "a new optional parameter": {
        (*LIVENESS, "parameters"): [{"in": "query", "name": "q", "schema": TEXT}]
    },
    "a wider length": {(*NEW_USER, "properties", "password", "maxLength"): 1000},
    "a new path": {("paths", "/new"): {"get": {"responses": {"204": {"description": "Nothing"}}}}},
    "a new status of an error": {(*REGISTER, "responses", "418"): {"description": "I am a teapot"}},
    "a new code of an error": {(*PROBLEM, "examples", "name-taken"): {"value": {}}},
    "further credentials": {(*LIST_USERS, "security"): [{"bearerAuth": []}, {"refreshAuth": []}]},
    "credentials that are not needed any more": {(*LIST_USERS, "security"): []},
    "a second server": {("servers",): [{"url": "/"}, {"url": "/v2"}]},
    "a deprecated operation": {(*LIST_USERS, "deprecated"): True},
}
WORDS: dict[str, Edits] = {
    "another description": {(*LIST_USERS, "description"): "Read them all."},
    "another example": {(*JSON_BODY, "example"): {"email": "ada@example.com"}},
    "another version": {("info", "version"): "9.0.0"},
}


@pytest.fixture(autouse=True)
def oasdiff() -> None:
    need_oasdiff()


def saved(document: dict[str, Any], path: Path) -> Path:
    path.write_text(json.dumps(document))
    return path


def change(old: dict[str, Any], new: dict[str, Any], folder: Path) -> Change:
    """Return what it means to callers that the document `old` becomes `new`."""
    paths = saved(old, folder / "old.json"), saved(new, folder / "new.json")
    return change_made_by(differences(*paths))


def test_the_released_contract_is_kept_or_its_break_is_announced(
    document: dict[str, Any], tmp_path: Path
) -> None:
    assert RELEASED.exists(), "openapi/released.json is missing: run make release VERSION=0.1.0"
    findings = differences(RELEASED, saved(document, tmp_path / "openapi.json"))
    unreleased = Unreleased.of((ROOT / "CHANGELOG.md").read_text())
    objection = unreleased.objection_to(change_made_by(findings), version_of(RELEASED))
    assert objection is None, "\n".join([str(objection), *map(str, findings)])


def cases(edits: dict[str, Edits], means: Change) -> list[Any]:
    return [pytest.param(edit, means, id=name) for name, edit in edits.items()]


@pytest.mark.parametrize(
    ("edits", "means"),
    [
        *cases(BREAKS, Change.BREAKING),
        *cases(ADDITIONS, Change.COMPATIBLE),
        *cases(WORDS, Change.NONE),
    ],
)
def test_an_edit_is_told_for_what_it_is(
    edits: Edits, means: Change, document: dict[str, Any], tmp_path: Path
) -> None:
    assert change(document, edited(document, edits), tmp_path) is means


def test_an_announced_removal_is_a_break(document: dict[str, Any], tmp_path: Path) -> None:
    deprecated = edited(document, {(*DELETE_USER, "deprecated"): True})
    gone = edited(deprecated, {DELETE_USER: GONE})
    assert change(deprecated, gone, tmp_path) is Change.BREAKING


def test_a_renamed_schema_is_a_break(document: dict[str, Any], tmp_path: Path) -> None:
    renamed = json.loads(json.dumps(document).replace("UserCreate", "NewUser"))
    assert change(document, renamed, tmp_path) is Change.BREAKING


def test_a_comparison_that_fails_finds_nothing_acceptable(
    document: dict[str, Any], tmp_path: Path
) -> None:
    dangling = edited(document, {(*JSON_BODY, "schema"): {"$ref": "#/components/schemas/None"}})
    with pytest.raises(Refused, match="could not compare"):
        change(document, dangling, tmp_path)


def test_another_host_is_never_asked(document: dict[str, Any], tmp_path: Path) -> None:
    outside = edited(document, {(*JSON_BODY, "schema"): {"$ref": "http://127.0.0.1:9/x.json"}})
    with pytest.raises(Refused, match="external"):
        change(document, outside, tmp_path)
