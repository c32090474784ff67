"""The document passes Redocly's `recommended` rules, Spectral's for OpenAPI, and OWASP's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.edits import GONE, edited
from support.node import FOLDER, node_tool
from support.processes import clean_environment, run

pytestmark = pytest.mark.system

Lint = Callable[[Path], list[str]]


def answer_of(tool: str, *arguments: str) -> Any:
    """Return what a linter answers; one that did not run, or found no file, answers no JSON."""
    quiet = clean_environment(REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    answer = run(node_tool(tool), *arguments, "--format", "json", folder=FOLDER, variables=quiet)
    try:
        return json.loads(answer.stdout)
    except json.JSONDecodeError:
        pytest.fail(f"{tool} did not lint: {answer.stdout}{answer.stderr}")


def redocly(path: Path) -> list[str]:
    """Return what Redocly objects to: the rule, and where."""
    answer = answer_of("redocly", "lint", str(path), "--config", "redocly.yaml")
    mistakes = answer["problems"]
    assert len(mistakes) == sum(answer["totals"].values())
    return [f"{found['ruleId']} {found['location'][0]['pointer']}" for found in mistakes]


def spectral(path: Path) -> list[str]:
    """Return what Spectral objects to: the rule, and where."""
    mistakes = answer_of("spectral", "lint", str(path), "--ruleset", "spectral.yaml", "--quiet")
    return [f"{found['code']} {' '.join(map(str, found['path']))}" for found in mistakes]


@pytest.fixture(params=[redocly, spectral], ids=lambda linter: linter.__name__)
def lint(request: pytest.FixtureRequest) -> Lint:
    """Each of the linters."""
    linter: Lint = request.param
    return linter


def test_neither_linter_objects(lint: Lint, document: dict[str, Any], tmp_path: Path) -> None:
    assert lint(written(document, tmp_path)) == []


LIST_USERS = ("paths", "/api/v1/users", "get")
USER = ("components", "schemas", "User", "properties")
SESSIONS = ("components", "schemas", "SessionList", "properties", "sessions")
OWASP_4 = "owasp:api4:2023-"


MISSING: dict[Lint, dict[tuple[str, ...], str]] = {
    redocly: {
        (*LIST_USERS, "operationId"): "operation-operationId",
        (*LIST_USERS, "summary"): "operation-summary",
        ("servers",): "no-empty-servers",
        ("info", "license"): "info-license",
        ("components", "securitySchemes", "bearerAuth"): "security-defined",
    },
    spectral: {
        (*LIST_USERS, "operationId"): "operation-operationId",
        (*LIST_USERS, "description"): "operation-description",
        (*LIST_USERS, "tags"): "operation-tags",
        (*LIST_USERS, "responses", "401"): "userapi-define-401-where-a-token-is-asked-for",
        (*LIST_USERS, "responses", "429"): "userapi-define-429-where-requests-are-limited",
        (*LIST_USERS, "responses", "200", "headers", "RateLimit"): "userapi-tell-what-is-left",
        ("servers",): "oas3-api-servers",
        ("components", "schemas", "Message"): "invalid-ref",
        (*USER, "first_name", "maxLength"): f"{OWASP_4}string-limit",
        (*USER, "first_name", "pattern"): f"{OWASP_4}string-restricted",
        (*USER, "id", "format"): f"{OWASP_4}integer-format",
        (*USER, "id", "maximum"): f"{OWASP_4}integer-limit",
        (*SESSIONS, "maxItems"): f"{OWASP_4}array-limit",
    },
}


def test_whatever_is_missing_is_found(lint: Lint, document: dict[str, Any], tmp_path: Path) -> None:
    missing = MISSING[lint]
    holed = edited(document, dict.fromkeys(missing, GONE))

    found = {mistake.split()[0] for mistake in lint(written(holed, tmp_path))}

    assert [rule for rule in missing.values() if rule not in found] == []


@pytest.mark.parametrize("linter", [redocly, spectral])
def test_a_lint_without_a_document_fails(linter: Lint, tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="did not lint"):
        linter(tmp_path / "no-such-document.json")


def written(document: dict[str, Any], folder: Path) -> Path:
    """Write the document to a file, and return where."""
    path = folder / "openapi.json"
    path.write_text(json.dumps(document, indent=2))
    return path
