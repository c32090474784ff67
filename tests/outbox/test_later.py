"""What leaves jobs to workers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.rows import NOON
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.clock import utc_now
from userapi.outbox.models import Job
from userapi.outbox.repository import JobRepository
from userapi.outbox.service import Later

MINUTE = timedelta(minutes=1)


@pytest.fixture
def later(scoped_session: ScopedSession) -> Later:
    """The port, at noon."""
    jobs = JobRepository(db=scoped_session, clock=database_clock_of(lambda: NOON))
    return Later(jobs=jobs, kinds=["letter"])


def jobs_in(session: Session) -> list[tuple[str, datetime]]:
    """Return the keys of all jobs, each with when it is due."""
    return [(job.key, job.due_at) for job in session.scalars(select(Job).order_by(Job.key))]


def test_a_job_is_there_with_the_commit_of_its_cause(
    later: Later, transaction: UnitOfWork, db_session: Session
) -> None:
    with transaction as tx:
        later.put("letter", "one", {"letter_id": 7, "copies": [1, 2]})
        tx.commit()

    (job,) = db_session.scalars(select(Job))
    assert (job.kind, job.key, job.payload) == ("letter", "one", {"letter_id": 7, "copies": [1, 2]})
    assert (job.created_at, job.due_at, job.lease_until, job.attempts) == (NOON, NOON, None, 0)
    assert (job.done_at, job.dead_at, job.last_error) == (None, None, None)


def test_a_job_goes_with_the_rollback_of_its_cause(
    later: Later, transaction: UnitOfWork, db_session: Session
) -> None:
    with transaction:
        later.put("letter", "one", {})

    assert jobs_in(db_session) == []


def test_a_job_can_be_due_later(later: Later, transaction: UnitOfWork, db_session: Session) -> None:
    with transaction as tx:
        later.put("letter", "one", {}, due_in=MINUTE)
        tx.commit()

    assert jobs_in(db_session) == [("one", NOON + MINUTE)]


def test_a_second_one_does_nothing_while_the_first_one_waits(
    later: Later, transaction: UnitOfWork, db_session: Session
) -> None:
    with transaction as tx:
        later.put("letter", "one", {"letter_id": 1})
        later.put("letter", "one", {"letter_id": 2}, due_in=MINUTE)
        later.put("letter", "two", {})
        tx.commit()

    assert jobs_in(db_session) == [("one", NOON), ("two", NOON)]
    assert db_session.scalars(select(Job.payload).where(Job.key == "one")).one() == {"letter_id": 1}


@pytest.mark.parametrize("end", ["done_at", "dead_at"])
def test_a_job_that_does_not_wait_any_more_keeps_no_other_out(
    later: Later, transaction: UnitOfWork, db_session: Session, end: str
) -> None:
    with transaction as tx:
        later.put("letter", "one", {})
        tx.commit()
    db_session.execute(update(Job).values({end: NOON}))
    db_session.commit()

    with transaction as tx:
        later.put("letter", "one", {})
        tx.commit()

    assert jobs_in(db_session) == [("one", NOON)] * 2


def test_it_is_the_databases_clock_that_counts(
    scoped_session: ScopedSession, transaction: UnitOfWork, db_session: Session
) -> None:
    later = Later(jobs=JobRepository(db=scoped_session), kinds=["letter"])
    with transaction as tx:
        later.put("letter", "one", {})
        tx.commit()

    ((_, due_at),) = jobs_in(db_session)
    assert abs(due_at - utc_now()) < MINUTE


def test_a_kind_that_nobody_handles_is_told_by_name(later: Later, transaction: UnitOfWork) -> None:
    with (
        transaction,
        pytest.raises(LookupError, match="no feature handles jobs of the kind parcel"),
    ):
        later.put("parcel", "one", {})


def test_a_job_needs_a_transaction(later: Later) -> None:
    with pytest.raises(RuntimeError, match="writes and locks need an open transaction"):
        later.put("letter", "one", {})
