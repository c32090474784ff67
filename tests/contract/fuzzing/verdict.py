"""What is wrong with a run. Its exit code alone would not tell."""

from collections.abc import Iterator

from contract.fuzzing.callers import Caller, label, may_succeed, must_succeed
from contract.fuzzing.report import PHASES, Json, Report, Tally
from contract.operations import operations_of

CHECKS = {
    "allow_header_conformance",
    "content_type_conformance",
    "ensure_resource_availability",
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "not_a_server_error",
    "object_level_authorization",
    "positive_data_acceptance",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
    "use_after_free",
}
"""Every check there is; max_response_time is none without a limit."""

_SELDOM_SUCCEEDED = {"missing_auth", "missing_test_data", "validation_mismatch", "low_valid_rate"}
"""Guesses from a few cases that an operation is out of reach: `_unlikely_answers` counts them."""


def faults_of(report: Report, document: Json, caller: Caller) -> list[str]:
    """Return every reason to fail the run as that caller; none: it was complete and clean."""
    return [
        *_unclean(report.summary),
        *_incomplete(report.summary),
        *_missing_cases(report),
        *_missing_links(report, caller),
        *_warnings(report.summary),
        *_unlikely_answers(report.tally, document, caller),
    ]


def _unclean(summary: Json) -> Iterator[str]:
    for failure in summary["failures"]:
        yield "failed: {code} {title} ({count}) at {operations}".format(**failure)
    for error in summary["errors"]:
        yield "error: {title} ({count})".format(**error)
    if summary["test_cases"]["with_failures"] and not summary["failures"]:
        yield "cases failed that are not listed"
    if summary["test_cases"]["errored"]:
        yield f"cases with errors: {summary['test_cases']['errored']}"
    if summary["filtered"] or summary["baseline"]:
        yield "failures were filtered out"
    if summary["exit_code"]:
        yield f"schemathesis ended with exit code {summary['exit_code']}"


def _incomplete(summary: Json) -> Iterator[str]:
    if not summary["complete"] or summary["stop_reason"] != "completed":
        yield f"the run did not end by itself: {summary['stop_reason']}"
    operations = summary["operations"] or {"total": 0, "selected": 0, "tested": 0, "errored": 0}
    if not operations["total"] == operations["selected"] == operations["tested"] > 0:
        yield "operations tested: {tested}, selected: {selected}, of {total}".format(**operations)
    if operations["errored"]:
        yield f"operations with errors: {operations['errored']}"
    for name in PHASES:
        phase = (summary["phases"] or {}).get(name, {"status": "missing", "skip_reason": None})
        if phase["status"] != "success":
            yield f"phase {name}: {phase['status']}, {phase['skip_reason']}"
    if summary["auth"]["reauth_broke"]:
        yield "logging in again did not help"


def _missing_cases(report: Report) -> Iterator[str]:
    for name in PHASES:
        if not report.tally.cases[name]:
            yield f"no case in phase {name}"
    for name in sorted(CHECKS):
        if not report.tally.checks[name]:
            yield f"check {name} never ran"
    counted, test_cases = report.tally.cases.total(), report.summary["test_cases"]
    if counted != test_cases["generated"] - test_cases["without_checks"]:
        yield f"the two reports differ: {counted} cases, or {test_cases}"


def _missing_links(report: Report, caller: Caller) -> Iterator[str]:
    # Without a token only a registration leads on, and few random ones are new.
    if caller is not Caller.ANONYMOUS and not report.tally.links:
        yield f"none of the {report.declared_links} declared links was followed"


def _warnings(summary: Json) -> Iterator[str]:
    for kind, operations in summary["warnings"].items():
        if operations and kind not in _SELDOM_SUCCEEDED:
            yield f"warning {kind}: {operations}"


def _unlikely_answers(tally: Tally, document: Json, caller: Caller) -> Iterator[str]:
    """Say where success is missing: a caller whose account was lost on the way finds no faults."""
    for operation in operations_of(document):
        name = label(operation)
        answers = dict(tally.answers.get(name, {}))
        if must_succeed(caller, operation) and not tally.succeeded(name):
            yield f"{name} never succeeded as {caller}: {answers}"
        if tally.succeeded(name) and not may_succeed(caller, operation):
            yield f"{name} succeeded as {caller}: {answers}"
