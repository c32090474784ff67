from pathlib import Path

import pytest
from benchmarks.faults.case import BOTH, POSTGRESQL, Bench, Case, Findings, Seen
from benchmarks.faults.catalogue import CASES, case_named
from benchmarks.faults.page import report
from benchmarks.faults.results import Result, Results
from benchmarks.faults.storm import Norms

pytestmark = pytest.mark.any_database


def run(_: Bench) -> Seen:
    return Seen("nothing lost")


ONE = Case("F1", "a fault", "nothing lost", run)
OTHER = Case("F2", "another", "nothing lost", run, databases=(POSTGRESQL,))


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results.json")


def test_a_run_that_was_broken_off_goes_on(results: Results, tmp_path: Path) -> None:
    results.add(Result.of("F1", "sqlite", Seen("1 lost", ["1 lost"], [], 7, 2), 3.0))

    later = Results(tmp_path / "results.json")
    later.read()

    found = later.of("F1", "sqlite")
    assert found == Result("F1", "sqlite", "1 lost", ["1 lost"], 3.0, 7, 2)
    assert later.of("F1", "postgresql") is None


def test_what_is_run_anew_takes_the_place_of_the_old(results: Results) -> None:
    results.add(Result.of("F1", "sqlite", Seen("1 lost", ["1 lost"]), 3.0))
    results.add(Result.of("F1", "sqlite", Seen("0 lost"), 3.0))

    assert [result.figure for result in results.all()] == ["0 lost"]


def test_a_report_says_plainly_what_is_missed(results: Results) -> None:
    results.add(Result.of("F1", "sqlite", Seen("1 lost | twice", ["1 lost"], [], 1_000, 4), 60.0))
    results.add(Result.of("F2", "postgresql", Seen("0 lost", [], [], 20), 60.0))

    told = report([ONE, OTHER], results, "A machine.").splitlines()

    assert told[0].startswith("A machine. 2 cases by database, 2 minutes: 1,020 writes")
    assert "1 of the cases miss something" in told[0]
    assert "| F1 | a fault | nothing lost | **missed** 1 lost / twice | not run |" in told
    assert "| F2 | another | nothing lost | does not apply | 0 lost |" in told
    assert told[-1] == "- F1 on sqlite: 1 lost"


def test_what_does_not_hold_and_what_is_against_a_norm_is_missed() -> None:
    findings, norms = Findings(), Norms(acknowledged=5)
    norms.found["N1"] += ["post 7", "post 8"]
    findings.demand("3 lost", holds=False)
    findings.demand("0 doubled", holds=True)
    findings.judge(norms)

    seen = findings.seen()

    assert seen.figure == "3 lost; 0 doubled"
    assert seen.late == ()
    assert seen.misses == ("3 lost", "N1: 2 (post 7)")
    assert seen.acknowledged == 5


def test_what_takes_too_long_is_late_and_what_never_happens_is_missed() -> None:
    findings = Findings()
    findings.within("recovered", 4.0, 5.0)
    findings.within("refused", 2.0, 1.0)
    findings.within("resumed", float("inf"), 5.0)

    seen = findings.seen()

    assert (seen.late, seen.misses) == (("refused within 2.00 s",), ("resumed within inf s",))


def test_cases_are_named_once_and_on_known_databases() -> None:
    names = [case.name for case in CASES]

    assert len(set(names)) == len(names)
    assert all(case_named(case.name) is case for case in CASES)
    assert {database for case in CASES for database in case.databases} == set(BOTH)
