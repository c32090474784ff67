"""The port of all who leave something to be done later."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Protocol

from userapi.kit.jobs import Payload
from userapi.kit.tracing import with_trace
from userapi.outbox.records import Backlog, DeadJob, KindBacklog


class JobStore(Protocol):
    """Where jobs are kept: in a table of ours, or in those of procrastinate.

    It is called inside a transaction, but for what lists and counts; the time is the database's.
    """

    def add(self, kind: str, key: str, payload: Payload, due_in: timedelta | None) -> None:
        """Insert a job that is due after so long, unless one of that kind and key waits."""
        ...

    def list_dead(self) -> Sequence[DeadJob]:
        """Return the jobs that were given up, the newest first, up to a limit."""
        ...

    def backlog(self) -> Backlog:
        """Return how much is left to do, and how much was given up."""
        ...

    def take_dead(self, job_id: str) -> DeadJob | None:
        """Delete a job that was given up, and return it; None when there is none."""
        ...

    def backlog_by_kind(self) -> Sequence[KindBacklog]:
        """Return what waits and what was given up, by kind; kinds without either are left out."""
        ...

    def count_settled(self, done: timedelta, dead: timedelta) -> int:
        """Return how many jobs ended as long ago as that."""
        ...

    def delete_settled(self, done: timedelta, dead: timedelta, limit: int) -> int:
        """Delete up to `limit` jobs that ended as long ago as that; return how many."""
        ...


class Later:
    """Leaves jobs to workers, within the transaction of the use case that causes them."""

    def __init__(self, *, jobs: JobStore, kinds: Collection[str]) -> None:
        self._jobs = jobs
        self._kinds = kinds

    def put(
        self, kind: str, key: str, payload: Payload, *, due_in: timedelta | None = None
    ) -> None:
        """Leave a job; it becomes durable with the caller's commit, or not at all.

        Where one of that kind and key waits already or is being done, nothing happens. The payload
        holds ids, never a secret. Raises `LookupError` for a kind that no feature handles.
        """
        if kind not in self._kinds:
            message = (
                f"no feature handles jobs of the kind {kind}; name it in a manifest: "
                f'Feature(jobs=[JobHandler(kind="{kind}", ...)])'
            )
            raise LookupError(message)
        self._jobs.add(kind, key, with_trace(payload), due_in)
