"""Making diagnoses: at once, within their time, whatever happens in one of them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask

from userapi.config.settings import Problem
from userapi.doctor import examining
from userapi.doctor.examining import DATABASE, Examination, examine
from userapi.kit.diagnoses import Diagnosis, Finding, Verdict, failed, not_checked, ok, warning
from userapi.outbox.errors import ClusterTablesMissing

APP = Flask(__name__)
FINE = ok("fine")


def diagnosis(
    name: str,
    look: Callable[[], Iterable[Finding]] = lambda: [FINE],
    *,
    needs: tuple[str, ...] = (),
    asks_database: bool = False,
) -> Diagnosis:
    return Diagnosis(name=name, look=look, needs=needs, asks_database=asks_database)


def of(diagnoses: list[Diagnosis], *problems: Problem) -> dict[str, Examination]:
    return {one.name: one for one in examine(APP, diagnoses, problems)}


def breaks() -> Iterator[Finding]:
    yield FINE
    raise ClusterTablesMissing


def test_findings_of_one_name_are_told_together_and_once() -> None:
    both = [diagnosis("clock"), diagnosis("disk"), diagnosis("clock", lambda: [FINE, ok("exact")])]

    found = of(both)

    assert list(found) == ["clock", "disk"]
    assert found["clock"].findings == [FINE, ok("exact")]


def test_one_that_finds_nothing_is_not_told() -> None:
    assert of([diagnosis("clock", list)]) == {}


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([FINE, not_checked("why")], Verdict.OK),
        ([FINE, warning("a", "b"), FINE], Verdict.WARNING),
        ([failed("a", "b"), warning("a", "b")], Verdict.FAILED),
        ([not_checked("why")], Verdict.NOT_CHECKED),
    ],
)
def test_the_gravest_counts(findings: list[Finding], verdict: Verdict) -> None:
    assert of([diagnosis("clock", lambda: findings)])["clock"].verdict is verdict


def test_what_is_raised_is_a_failure_beside_what_was_found() -> None:
    told = "the tables of procrastinate are missing"

    assert of([diagnosis("jobs", breaks)])["jobs"].findings == [
        FINE,
        failed(told, "run: userapi jobs create-tables"),
    ]


def test_what_nobody_thought_of_tells_its_kind_alone() -> None:
    def look() -> Iterable[Finding]:
        secret = "hunter22"
        raise ZeroDivisionError(secret)

    (finding,) = of([diagnosis("disk", look), diagnosis("clock")])["disk"].findings

    assert finding.verdict is Verdict.FAILED
    assert finding.told == "it ended with ZeroDivisionError"


def test_one_that_hangs_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "PATIENCE", timedelta(seconds=0.2))
    end = Event()

    def hang() -> Iterable[Finding]:
        end.wait(30)
        return [FINE]

    found = of([diagnosis("mail", hang), diagnosis("clock")])
    end.set()

    (late,) = found["mail"].findings
    assert (late.verdict, late.told) == (Verdict.FAILED, "no answer within 0.2 seconds")
    assert found["clock"].findings == [FINE]


def test_a_database_that_cannot_be_asked_is_told_once() -> None:
    found = of([diagnosis(DATABASE, breaks), diagnosis("keys", asks_database=True)])

    assert found["keys"].findings == [not_checked("the database cannot be asked")]


def test_a_database_that_answers_badly_is_asked_on() -> None:
    answers = [failed("its encoding is LATIN1", "make another")]

    found = of([diagnosis(DATABASE, lambda: answers), diagnosis("keys", asks_database=True)])

    assert found["keys"].findings == [FINE]


def test_what_needs_a_variable_that_is_not_valid_is_left_out() -> None:
    wrong = Problem("SMTP_PORT", "must be a whole number")

    found = of([diagnosis("mail", needs=("MAIL_", "SMTP_")), diagnosis("clock")], wrong)

    told = "not to be told while SMTP_PORT is not valid"
    assert found["mail"].findings == [failed(told, "run: userapi doctor --only configuration")]
    assert found["clock"].findings == [FINE]
