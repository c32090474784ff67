"""No incomplete or unclean run passes, whatever its exit code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.fuzzing.callers import Caller
from contract.fuzzing.report import NoReportError, Report, read_report
from contract.fuzzing.samples import (
    CREATE,
    DELETE,
    DOCUMENT,
    LINK,
    LIST,
    clean_events,
    clean_summary,
    write_reports,
)
from contract.fuzzing.verdict import faults_of

Json = dict[str, Any]
Read = Callable[[Json, list[Json]], Report]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the reports of a run with that summary and those events."""

    def read(summary: Json, events: list[Json]) -> Report:
        write_reports(tmp_path, summary, events)
        return read_report(tmp_path)

    return read


@pytest.fixture
def faults(read: Read) -> Callable[[Json], list[str]]:
    """Return the faults of a run with some of the summary changed."""
    return lambda changes: faults_of(
        read(clean_summary() | changes, clean_events()), DOCUMENT, Caller.ADMIN
    )


@pytest.fixture
def faults_after(read: Read) -> Callable[[Callable[[Json], Any]], list[str]]:
    """Return the faults of a run after something is done to each of its scenarios."""

    def faults_after(spoil: Callable[[Json], Any]) -> list[str]:
        events = clean_events()
        for event in events[1:]:
            spoil(event["ScenarioFinished"])
        return faults_of(read(clean_summary(), events), DOCUMENT, Caller.ADMIN)

    return faults_after


def test_a_complete_and_clean_run_has_no_faults(faults: Callable[[Json], list[str]]) -> None:
    assert faults({}) == []


def test_the_reports_are_counted(read: Read) -> None:
    report = read(clean_summary(), clean_events())

    assert report.tally.cases == {"examples": 3, "coverage": 3, "fuzzing": 3, "stateful": 3}
    assert report.tally.checks["ignored_auth"] == 12
    assert report.tally.answers[LIST] == {200: 4, 401: 1}
    assert (report.tally.links, report.declared_links) == ({LINK: 3}, 2)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"failures": [{"code": "ST101", "title": "Error", "count": 2, "operations": [LIST]}]},
            "failed: ST101 Error (2) at ['GET /posts']",
        ),
        ({"errors": [{"title": "Network Error", "count": 1}]}, "error: Network Error (1)"),
        ({"exit_code": 1}, "schemathesis ended with exit code 1"),
        ({"filtered": 1}, "failures were filtered out"),
        ({"baseline": {"known": 1}}, "failures were filtered out"),
        ({"stop_reason": "interrupted"}, "the run did not end by itself: interrupted"),
        ({"complete": False}, "the run did not end by itself: completed"),
        (
            {"operations": {"total": 3, "selected": 3, "tested": 2, "errored": 0}},
            "operations tested: 2, selected: 3, of 3",
        ),
        ({"operations": None}, "operations tested: 0, selected: 0, of 0"),
        (
            {"operations": {"total": 3, "selected": 3, "tested": 3, "errored": 1}},
            "operations with errors: 1",
        ),
        ({"phases": None}, "phase stateful: missing, None"),
        ({"auth": {"reauth_broke": True}}, "logging in again did not help"),
        ({"warnings": {"rate_limited": [LIST]}}, "warning rate_limited: ['GET /posts']"),
    ],
)
def test_a_bad_word_in_the_summary_is_a_fault(
    faults: Callable[[Json], list[str]], changes: Json, fault: str
) -> None:
    assert fault in faults(changes)


def test_a_phase_that_was_skipped_is_a_fault(faults: Callable[[Json], list[str]]) -> None:
    phases = clean_summary()["phases"]
    phases["stateful"] = {"status": "skip", "skip_reason": "nothing_to_test"}

    assert faults({"phases": phases}) == ["phase stateful: skip, nothing_to_test"]


@pytest.mark.parametrize(
    ("counts", "fault"),
    [
        ({"with_failures": 1}, "cases failed that are not listed"),
        ({"errored": 4}, "cases with errors: 4"),
        ({"generated": 99}, "the two reports differ: 12 cases"),
    ],
)
def test_a_bad_number_of_cases_is_a_fault(
    faults: Callable[[Json], list[str]], counts: Json, fault: str
) -> None:
    (found,) = faults({"test_cases": clean_summary()["test_cases"] | counts})

    assert found.startswith(fault)


def test_a_run_without_any_case_is_full_of_faults(read: Read) -> None:
    report = read(clean_summary(), [])

    faults = faults_of(report, DOCUMENT, Caller.ADMIN)

    assert {"no case in phase fuzzing", "check ignored_auth never ran"} <= set(faults)


def test_a_check_that_never_ran_is_a_fault(
    faults_after: Callable[[Callable[[Json], Any]], list[str]],
) -> None:
    def leave_out(scenario: Json) -> None:
        for checks in scenario["recorder"]["checks"].values():
            checks[:] = [check for check in checks if check["name"] != "use_after_free"]

    assert faults_after(leave_out) == ["check use_after_free never ran"]


def test_links_that_were_never_followed_are_a_fault(
    faults_after: Callable[[Callable[[Json], Any]], list[str]],
) -> None:
    def infer(scenario: Json) -> None:
        for case in scenario["recorder"]["cases"].values():
            case.get("transition", {})["is_inferred"] = True

    assert faults_after(infer) == ["none of the 2 declared links was followed"]


def test_an_operation_that_never_succeeded_is_a_fault(
    faults_after: Callable[[Callable[[Json], Any]], list[str]],
) -> None:
    def refuse(scenario: Json) -> None:
        scenario["recorder"]["interactions"][CREATE] = {"response": {"status_code": 401}}

    assert faults_after(refuse) == ["POST /posts never succeeded as admin: {401: 4}"]


def test_an_operation_that_nobody_answered_never_succeeded(
    faults_after: Callable[[Callable[[Json], Any]], list[str]],
) -> None:
    def cut_off(scenario: Json) -> None:
        del scenario["recorder"]["interactions"][CREATE]

    assert faults_after(cut_off) == ["POST /posts never succeeded as admin: {None: 4}"]


@pytest.mark.parametrize(
    ("caller", "beyond_reach"),
    [(Caller.ADMIN, []), (Caller.USER, [DELETE]), (Caller.ANONYMOUS, [CREATE, DELETE])],
)
def test_a_success_beyond_a_callers_reach_is_a_fault(
    read: Read, caller: Caller, beyond_reach: list[str]
) -> None:
    report = read(clean_summary(), clean_events())

    found = [fault.partition(" succeeded as ")[0] for fault in faults_of(report, DOCUMENT, caller)]

    assert found == beyond_reach


@pytest.mark.parametrize("text", ["", "not JSON"])
def test_a_run_without_a_readable_report_is_found_out(tmp_path: Path, text: str) -> None:
    write_reports(tmp_path, {}, [])
    (tmp_path / "summary.json").write_text(text, encoding="utf-8")

    with pytest.raises(NoReportError):
        read_report(tmp_path)


def test_a_run_without_any_report_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(NoReportError):
        read_report(tmp_path)
