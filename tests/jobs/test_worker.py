"""The worker of the table `jobs`: whose a job is, and what happens when something goes wrong."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jobs.offices import Office
from support.databases import on_sqlite
from userapi.cli.worker import worker_of
from userapi.jobs import worker as worker_module
from userapi.jobs.outcomes import End, Outcome
from userapi.jobs.service import HOURLY_KEY, JobQueue
from userapi.kit.clock import utc_now
from userapi.outbox.models import Job
from userapi.outbox.records import ClaimedJob
from userapi.outbox.repository import JobRepository
from userapi.web.services import provided

DONE = Outcome(End.DONE)
SECOND = timedelta(seconds=1)


@pytest.fixture
def queue(office: Office) -> Iterator[JobQueue]:
    """The queue of the office."""
    with office.app.app_context():
        yield provided(JobQueue)


def claimed(queue: JobQueue) -> ClaimedJob:
    """Return the next job, which is due."""
    job = queue.claim()
    assert job is not None
    return job


def letters_in(office: Office) -> list[Job]:
    """Return all letters, the oldest first."""
    with Session(office.engine) as session:
        rows = select(Job).where(Job.kind == "letter").order_by(Job.created_at, Job.key)
        return list(session.scalars(rows))


def end_leases(office: Office) -> None:
    """Let every lease be over."""
    with office.engine.begin() as connection:
        connection.execute(update(Job).values(lease_until=Job.created_at))


def test_a_job_that_is_somebodys_is_left_alone(office: Office, queue: JobQueue) -> None:
    office.leave("one")
    claimed(queue)

    office.work()

    assert (office.sent(), office.waiting()) == ([], ["one"])


def test_a_lease_is_as_long_as_the_handler_says(office: Office, queue: JobQueue) -> None:
    office.leave("one")
    claimed(queue)

    (job,) = letters_in(office)
    assert job.lease_until is not None
    assert abs(job.lease_until - utc_now() - timedelta(minutes=5)) < 10 * SECOND
    assert job.attempts == 1


def test_a_job_whose_lease_is_over_is_anybodys(office: Office, queue: JobQueue) -> None:
    office.leave("one")
    claimed(queue)
    end_leases(office)

    office.work()

    assert (office.sent(), office.waiting()) == (["one"], [])
    (job,) = letters_in(office)
    assert (job.attempts, job.lease_until) == (2, None)


@pytest.mark.parametrize("end", End)
def test_who_comes_late_changes_nothing(office: Office, queue: JobQueue, end: End) -> None:
    office.leave("one")
    late = claimed(queue)
    end_leases(office)
    claimed(queue)
    (before,) = letters_in(office)

    queue.settle(late, Outcome(end, "late"))

    (after,) = letters_in(office)
    assert (after.done_at, after.dead_at, after.last_error) == (None, None, None)
    assert (after.due_at, after.lease_until) == (before.due_at, before.lease_until)


def test_who_is_done_after_somebody_else_changes_nothing(office: Office, queue: JobQueue) -> None:
    office.leave("one")
    late = claimed(queue)
    end_leases(office)
    queue.settle(claimed(queue), DONE)

    queue.settle(late, Outcome(End.DEAD, "late"))

    assert (office.waiting(), office.dead()) == ([], [])


def test_a_job_that_hangs_is_done_by_another_worker(office: Office) -> None:
    hangs, goes_on = Event(), Event()

    def hang() -> None:
        office.letters.before_sending = lambda: None
        hangs.set()
        assert goes_on.wait(20)

    office.leave("one")
    office.letters.before_sending = hang
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(office.work)
        assert hangs.wait(20)
        end_leases(office)
        office.work()
        assert (office.sent(), office.waiting()) == (["one"], [])
        goes_on.set()
        hanging.result(20)

    assert office.sent() == ["one", "one"]
    (job,) = letters_in(office)
    assert (job.attempts, job.dead_at, job.last_error) == (2, None, None)


def test_no_transaction_is_open_while_a_job_is_done(office: Office) -> None:
    office.leave("one", "two")

    def write() -> None:
        with office.engine.begin() as connection:
            connection.execute(text("UPDATE jobs SET created_at = created_at"))

    office.letters.before_sending = write
    office.work()

    assert sorted(str(key) for key in office.sent()) == ["one", "two"]


@on_sqlite
def test_looking_waits_for_no_writer(office: Office, queue: JobQueue) -> None:
    with office.engine.begin():
        assert queue.claim() is None


def test_who_waits_for_longest_is_first(office: Office) -> None:
    office.leave("b")
    office.leave("c", due_in=-2 * SECOND)
    office.leave("a", due_in=-SECOND)

    office.work()

    assert office.sent() == ["c", "a", "b"]


def test_what_failed_is_due_after_its_wait(office: Office) -> None:
    def fail() -> None:
        message = "secret"
        raise ValueError(message)

    office.leave("one")
    office.letters.before_sending = fail

    office.work()

    (job,) = letters_in(office)
    assert timedelta(seconds=20) < job.due_at - utc_now() < timedelta(seconds=31)
    assert job.lease_until is None
    assert job.last_error is not None
    assert job.last_error.startswith("ValueError at jobs/test_worker.py:")


def test_a_long_error_is_cut(office: Office, queue: JobQueue) -> None:
    office.leave("one")

    queue.settle(claimed(queue), Outcome(End.DEAD, "x" * 5000))

    (job,) = letters_in(office)
    assert job.last_error == "x" * 200


def test_a_kind_that_is_not_known_here_waits_for_who_knows_it(office: Office) -> None:
    office.leave("one")
    with office.engine.begin() as connection:
        connection.execute(update(Job).where(Job.kind == "letter").values(kind="telegram"))

    office.work()

    with Session(office.engine) as session:
        (job,) = session.scalars(select(Job).where(Job.kind == "telegram"))
    assert (job.attempts, job.done_at, job.dead_at) == (0, None, None)


def test_a_worker_that_is_stopped_ends_after_the_job_at_hand(office: Office) -> None:
    stop = Event()
    office.leave("one", "two")
    office.letters.before_sending = stop.set

    worker_of(office.app).run(stop)

    assert len(office.sent()) == 1
    assert len(office.waiting()) == 1


# A database that does not answer

Failing = Callable[[type, str], None]


@pytest.fixture
def failing_once(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """Let a method fail as if the database were out of reach, the first time it is called."""
    monkeypatch.setattr(worker_module, "PAUSE_SECONDS", 0.01)

    def patch(owner: type, name: str) -> None:
        method = getattr(owner, name)
        answers = iter([OperationalError("SELECT 1", {}, Exception("no answer"))])

        def fail_once(*arguments: Any, **named: Any) -> Any:
            for error in answers:
                raise error
            return method(*arguments, **named)

        monkeypatch.setattr(owner, name, fail_once)

    return patch


@pytest.mark.parametrize("name", ["is_any_due", "is_waiting", "claim"])
def test_a_worker_goes_on_when_the_database_answers_again(
    office: Office, failing_once: Failing, name: str
) -> None:
    stop = Event()
    office.leave("one")
    office.letters.before_sending = stop.set
    failing_once(JobRepository, name)

    worker_of(office.app).run(stop)

    assert office.sent() == ["one"]


def test_what_was_done_is_settled_when_the_database_answers_again(
    office: Office, failing_once: Failing
) -> None:
    office.leave("one")
    failing_once(JobQueue, "settle")

    office.work()

    assert (office.sent(), office.waiting()) == (["one"], [])


def test_a_worker_that_only_empties_tells_what_the_database_says(
    office: Office, failing_once: Failing
) -> None:
    failing_once(JobRepository, "is_any_due")

    with pytest.raises(OperationalError):
        office.work()


# What runs every hour


def hourly_jobs(office: Office) -> list[Job]:
    """Return what is there of the sweep."""
    with Session(office.engine) as session:
        return list(session.scalars(select(Job).where(Job.kind == "sweep")))


def test_what_runs_every_hour_runs_at_once_and_then_in_an_hour(office: Office) -> None:
    office.work()
    office.work()

    (job,) = hourly_jobs(office)
    assert (job.key, job.attempts, job.done_at) == (HOURLY_KEY, 1, None)
    assert timedelta(minutes=59) < job.due_at - utc_now() <= timedelta(minutes=60)


def test_what_runs_every_hour_is_never_given_up(office: Office, queue: JobQueue) -> None:
    queue.put_hourly()

    queue.settle(claimed(queue), Outcome(End.DEAD, "broken"))

    (job,) = hourly_jobs(office)
    assert (job.dead_at, job.last_error) == (None, "broken")
    assert job.due_at > utc_now() + timedelta(minutes=59)


def test_what_runs_every_hour_runs_for_years(office: Office, queue: JobQueue) -> None:
    queue.put_hourly()
    with office.engine.begin() as connection:
        connection.execute(update(Job).values(attempts=100_000))

    office.work()

    (job,) = hourly_jobs(office)
    assert (job.attempts, job.last_error) == (100_001, None)
    assert job.due_at > utc_now() + timedelta(minutes=59)


def test_two_workers_never_do_at_once_what_runs_every_hour(office: Office, queue: JobQueue) -> None:
    queue.put_hourly()
    kinds = {claimed(queue).kind, claimed(queue).kind}

    queue.put_hourly()

    assert kinds == {"sweep", "stats"}
    assert queue.claim() is None
    assert len(hourly_jobs(office)) == 1
