"""A small document, and the reports of a run against it that found nothing."""

import json
from pathlib import Path
from typing import Any

from contract.fuzzing.report import EVENTS, PHASES, SUMMARY
from contract.fuzzing.verdict import CHECKS

LIST, CREATE, DELETE = "GET /posts", "POST /posts", "DELETE /users/{user_id}"
LINK = f"{CREATE} -> [201] get_post -> {LIST}"
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/posts": {
            "get": {"operationId": "list_posts", "security": []},
            "post": {"operationId": "create_post", "security": [{"bearerAuth": []}]},
        },
        "/users/{user_id}": {
            "delete": {"operationId": "delete_user", "security": [{"bearerAuth": []}]}
        },
    }
}


def clean_summary() -> dict[str, Any]:
    """Return what schemathesis says of a run without faults."""
    counts = {"generated": 13, "with_failures": 0, "without_checks": 1, "errored": 0}
    return {
        "exit_code": 0,
        "complete": True,
        "stop_reason": "completed",
        "operations": {"total": 3, "selected": 3, "tested": 3, "errored": 0},
        "phases": {name: {"status": "success", "skip_reason": None} for name in PHASES},
        "test_cases": counts,
        "failures": [],
        "errors": [],
        "warnings": {"missing_auth": [], "rate_limited": []},
        "filtered": 0,
        "baseline": None,
        "auth": {"reauth_count": 2, "reauth_broke": False},
    }


def clean_events() -> list[dict[str, Any]]:
    """Return the events of that run: in every phase one case of each operation."""
    links = {"transitions_total": 3, "inferred_transitions": 1}
    answers = {LIST: 200, CREATE: 201, DELETE: 204}
    events = [
        {"ScenarioFinished": {"phase": phase, "recorder": _recorder(phase, answers)}}
        for phase in PHASES
    ]
    return [{"PhaseStarted": {"payload": links}}, *events]


def _recorder(phase: str, answers: dict[str, int]) -> dict[str, Any]:
    cases, checks, interactions = {}, {}, {}
    for operation, status in answers.items():
        cases[operation] = _case(operation, LINK if phase == "stateful" else None)
        checks[operation] = [{"name": name, "status": "success"} for name in sorted(CHECKS)]
        interactions[operation] = {"response": {"status_code": status}}
    if phase == "coverage":  # a request that a check made for itself
        cases["own"] = _case(LIST, None)
        interactions["own"] = {"response": {"status_code": 401}}
    return {"cases": cases, "checks": checks, "interactions": interactions}


def _case(operation: str, link: str | None) -> dict[str, Any]:
    method, path = operation.split()
    case: dict[str, Any] = {"value": {"method": method, "path": path}}
    if link is not None:
        case["transition"] = {"id": link, "is_inferred": False}
        case["is_transition_applied"] = True
    return case


def write_reports(folder: Path, summary: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Write both reports where a run leaves them."""
    (folder / SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (folder / EVENTS).write_text(lines, encoding="utf-8")
