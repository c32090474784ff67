"""A long pass shares out its cases, goes on after a failure elsewhere, and can be repeated."""

import threading
from pathlib import Path

import pytest

from contract.fuzzing.callers import Caller
from contract.fuzzing.long_pass import (
    COMBINATIONS,
    Combination,
    Run,
    effort_for,
    jobs_for,
    play_all,
    table,
)
from contract.fuzzing.report import Report, read_report
from contract.fuzzing.run import Outcome
from contract.fuzzing.samples import clean_events, clean_summary, write_reports
from contract.fuzzing.settings import Effort

FIRST, SECOND = COMBINATIONS[:2]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """The report of a run of twelve cases."""
    write_reports(tmp_path, clean_summary(), clean_events())
    return read_report(tmp_path)


@pytest.fixture
def run(report: Report) -> Run:
    """A run that is clean, but one seed fails and another one breaks off."""

    def run(combination: Combination, effort: Effort) -> Outcome:
        if effort.seed == 666:
            return Outcome(report, ["failed: ST101"], "the excerpt")
        if effort.seed == 13:
            message = "no service"
            raise RuntimeError(message)
        return Outcome(report, [], "")

    return run


def test_every_database_meets_every_caller() -> None:
    assert len(set(COMBINATIONS)) == 2 * len(Caller)


def test_rounds_go_on_until_the_share_is_reached(run: Run) -> None:
    jobs, said = jobs_for([FIRST, SECOND], 60, seed=7), list[str]()

    play_all(jobs, run, threading.Event(), said.append)

    assert [(job.rounds, job.tally.cases.total(), job.is_done) for job in jobs] == [
        (3, 36, True),
        (3, 36, True),
    ]
    assert len(said) == 6


def test_combinations_do_not_share_seeds(run: Run) -> None:
    jobs = jobs_for([FIRST, SECOND], 36, seed=7)

    assert [job.seed for job in jobs] == [7, 1007]


def test_a_failure_is_shown_with_the_way_to_repeat_it(run: Run) -> None:
    (job,), said = jobs_for([FIRST], 36, seed=665), list[str]()

    play_all([job], run, threading.Event(), said.append)

    assert "FAILED\nfailed: ST101\nthe excerpt" in said[1]
    assert f"--only {FIRST} --seed 666 --cases 24" in said[1]
    assert (job.rounds, job.faults) == (2, ["failed: ST101"])


def test_a_run_that_breaks_off_is_a_fault(run: Run) -> None:
    (job,), said = jobs_for([FIRST], 12, seed=13), list[str]()

    play_all([job], run, threading.Event(), said.append)

    assert job.faults == ["the run broke off"]
    assert "RuntimeError: no service" in said[0]


def test_nothing_is_played_once_stopped(run: Run) -> None:
    (job,), stopped = jobs_for([FIRST], 12, seed=7), threading.Event()
    stopped.set()

    play_all([job], run, stopped, list[str]().append)

    assert (job.rounds, job.is_done) == (0, False)


def test_an_interruption_stops_the_runs(run: Run) -> None:
    def interrupt(said: str) -> None:
        raise KeyboardInterrupt

    stopped = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        play_all(jobs_for([FIRST], 36, seed=7), run, stopped, interrupt)

    assert stopped.is_set()


@pytest.mark.parametrize(("cases", "examples"), [(1, 5), (5400, 50), (100_000, 150)])
def test_a_run_is_neither_trifling_nor_endless(cases: int, examples: int) -> None:
    assert effort_for(cases, seed=7).examples == examples


def test_the_table_adds_up(run: Run) -> None:
    jobs = jobs_for([FIRST, SECOND], 24, seed=7)
    play_all(jobs, run, threading.Event(), list[str]().append)

    lines = [line.split() for line in table(jobs)]

    assert lines[1] == ["sqlite/anonymous", "1", "12", "3/3", "168", "1/2", "0"]
    assert lines[3] == ["total", "2", "24", "336", "0"]
    assert ["fuzzing", "6", "cases"] in lines
    assert ["use_after_free", "24", "times"] in lines
