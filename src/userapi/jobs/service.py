"""What workers do with the table of jobs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from userapi.jobs.errors import NoSuchDeadJob, NoSuchKind
from userapi.jobs.outcomes import End, Outcome
from userapi.jobs.retries import wait_after
from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.jobs import JobHandler
from userapi.kit.transaction import Transaction
from userapi.outbox.records import ClaimedJob, DeadJob
from userapi.outbox.repository import JobRepository
from userapi.outbox.service import JobStore, Later

HOUR = timedelta(hours=1)
HOURLY_KEY = "hourly"


class JobQueue:
    """Claims jobs and settles them, each in a short transaction."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        jobs: JobRepository,
        later: Later,
        handlers: Mapping[str, JobHandler],
    ) -> None:
        self._transaction = transaction
        self._jobs = jobs
        self._later = later
        self._handlers = handlers
        self._leases = {kind: handler.lease for kind, handler in handlers.items()}

    def put_hourly(self) -> None:
        """Leave what runs once in an hour, where it is not there yet."""
        for kind, handler in self._handlers.items():
            if handler.is_hourly and not self._jobs.is_waiting(kind, HOURLY_KEY):
                with self._transaction as tx:
                    self._later.put(kind, HOURLY_KEY, {})
                    tx.commit()

    def claim(self) -> ClaimedJob | None:
        """Take the job that is due for longest; None when none is, which locks nothing.

        Until its lease is over nobody else takes it.
        """
        if not self._jobs.is_any_due(self._leases):
            return None
        with self._transaction as tx:
            job = self._jobs.claim(self._leases)
            tx.commit()
        return job

    def settle(self, job: ClaimedJob, outcome: Outcome) -> None:
        """Write down how an attempt ended; nothing, when the job has become another's."""
        with self._transaction as tx:
            if self._handlers[job.kind].is_hourly:
                self._jobs.postpone(job, HOUR, outcome.error)
            elif outcome.end is End.AGAIN:
                self._jobs.postpone(job, wait_after(job.attempts), outcome.error)
            elif not self._handlers[job.kind].is_kept:
                self._jobs.forget(job)
            else:
                self._jobs.end(job, is_dead=outcome.end is End.DEAD, error=outcome.error)
            tx.commit()


class DeadJobs:
    """Shows the jobs that were given up, and has them tried again."""

    def __init__(self, *, transaction: Transaction, jobs: JobStore, later: Later) -> None:
        self._transaction = transaction
        self._jobs = jobs
        self._later = later

    def list(self) -> Sequence[DeadJob]:
        """Return the jobs that were given up, the newest first, up to a limit."""
        return self._jobs.list_dead()

    def retry(self, job_id: str) -> DeadJob:
        """Leave a job that was given up anew, due at once; raise `NoSuchDeadJob`, `NoSuchKind`."""
        with self._transaction as tx:
            job = self._jobs.take_dead(job_id)
            if job is None:
                raise NoSuchDeadJob
            try:
                self._later.put(job.kind, job.key, job.payload)
            except LookupError:
                raise NoSuchKind from None
            tx.commit()
        return job


class JobRetention:
    """Deletes jobs that were done or given up long ago."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        jobs: JobStore,
        done: timedelta,
        dead: timedelta,
    ) -> None:
        self._transaction = transaction
        self._jobs = jobs
        self._done = done
        self._dead = dead

    def count_expired(self) -> int:
        """Return how many jobs are to be deleted."""
        return self._jobs.count_settled(self._done, self._dead)

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the jobs whose retention is over; return how many."""
        delete = partial(self._jobs.delete_settled, self._done, self._dead)
        return purge_in_batches(self._transaction, delete, report)
