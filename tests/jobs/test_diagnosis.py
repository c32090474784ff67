"""What is left to do, as `userapi doctor` finds it."""

from datetime import timedelta

import pytest

from jobs.offices import Office
from support.doctor import found

both_engines = pytest.mark.parametrize(
    ("database", "engine"),
    [
        ("sqlite", "embedded"),
        ("postgresql", "embedded"),
        pytest.param("postgresql", "procrastinate", id="procrastinate"),
    ],
    indirect=True,
    scope="session",
)


@pytest.mark.any_database
def test_a_service_without_workers_is_warned_of(office: Office) -> None:
    assert found(office.app, "jobs") == [
        (
            "warning | no job waits, not even those of every hour: no worker has run yet | run: "
            "userapi serve, or userapi worker"
        )
    ]


@both_engines
def test_jobs_that_wait_for_their_time_are_fine(office: Office) -> None:
    office.leave("later", due_in=timedelta(hours=1))

    assert found(office.app, "jobs") == ["ok | jobs wait (1), and none is late"]


@both_engines
def test_jobs_that_nobody_does_are_warned_of(office: Office) -> None:
    office.leave("late", due_in=timedelta(seconds=-300))

    (line,) = found(office.app, "jobs")

    assert line.startswith("warning | jobs wait (1), one of them due for 30")
    assert line.endswith(" seconds: nobody does them, or too few | run: userapi worker")


@both_engines
def test_jobs_that_were_given_up_are_told(office: Office) -> None:
    def fail() -> None:
        raise RuntimeError

    office.letters.before_sending = fail
    office.leave("lost")
    office.wear(100)
    office.work()
    assert office.dead() == ["lost"]

    assert found(office.app, "jobs")[-1] == (
        "warning | jobs were given up (1) | look at userapi jobs list, and try again: userapi jobs "
        "retry"
    )
