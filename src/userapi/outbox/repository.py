"""Which jobs there are."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from userapi.db.base import UTCDateTime
from userapi.db.repository import Repository, columns_of, record_of
from userapi.db.rows import AnySelect
from userapi.kit.jobs import Payload
from userapi.outbox.models import ERROR_LENGTH, WAITING, Job
from userapi.outbox.records import Backlog, ClaimedJob, DeadJob, KindBacklog

LISTED = 1000
"""How many jobs are listed at most."""

_IS_WAITING = and_(Job.done_at.is_(None), Job.dead_at.is_(None))
_DEAD = columns_of(Job, DeadJob)
_NO_SYNC = {"synchronize_session": False}


class JobRepository(Repository):
    """Implements `JobStore` with the table `jobs`, from which our own workers claim jobs."""

    def add(self, kind: str, key: str, payload: Payload, due_in: timedelta | None) -> None:
        """Insert a job that is due after so long, unless one of that kind and key waits."""
        now = self._time()
        dialect = sqlite if self._db.get_bind().dialect.name == "sqlite" else postgresql
        self._db.execute(
            dialect.insert(Job)
            .values(
                id=uuid.uuid4(),
                kind=kind,
                key=key,
                payload=dict(payload),
                created_at=now,
                due_at=now + (due_in or timedelta()),
            )
            .on_conflict_do_nothing(index_elements=[Job.kind, Job.key], index_where=WAITING)
        )

    def is_waiting(self, kind: str, key: str) -> bool:
        """Return whether a job of that kind and key waits, or is being done."""
        waiting = select(Job.id).where(_IS_WAITING, Job.kind == kind, Job.key == key)
        return bool(self._value(select(exists(waiting))))

    def is_any_due(self, kinds: Collection[str]) -> bool:
        """Return whether a job of these kinds is due that is nobody's; nothing is locked."""
        return bool(self._value(select(exists(select(Job.id).where(*self._is_due(kinds))))))

    def claim(self, leases: Mapping[str, timedelta]) -> ClaimedJob | None:
        """Lease the job of these kinds that is due for longest, as long as its kind says.

        One that somebody else is about to lease is left out.
        """
        now = self._time()
        due = (
            select(Job.id)
            .where(*self._is_due(leases))
            .order_by(Job.due_at, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("due")
            # Some plans would run a plain sub-select twice, and lease a second job.
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        until = {kind: literal(now + lease, UTCDateTime()) for kind, lease in leases.items()}
        claimed = self._db.execute(
            update(Job)
            .where(Job.id == select(due.c.id).scalar_subquery())
            .values(lease_until=case(until, value=Job.kind), attempts=Job.attempts + 1)
            .returning(*columns_of(Job, ClaimedJob)),
            execution_options=_NO_SYNC,
        ).one_or_none()
        return None if claimed is None else record_of(ClaimedJob, claimed)

    def postpone(self, job: ClaimedJob, wait: timedelta, error: str | None) -> None:
        """Let a claimed job be due again after so long, if it is still the claimant's."""
        self._settle(job, due_at=self._time() + wait, last_error=_short(error))

    def end(self, job: ClaimedJob, *, is_dead: bool, error: str | None) -> None:
        """Let a claimed job be done, or given up, if it is still the claimant's."""
        ended = {"dead_at" if is_dead else "done_at": self._now()}
        self._settle(job, **ended, last_error=_short(error))

    def forget(self, job: ClaimedJob) -> None:
        """Delete a claimed job, if it is still the claimant's."""
        self._db.execute(delete(Job).where(*_is_still(job)), execution_options=_NO_SYNC)

    def list_dead(self) -> Sequence[DeadJob]:
        """Return the jobs that were given up, the newest first: `LISTED` at most."""
        rows = select(*_DEAD).where(Job.dead_at.is_not(None))
        newest = rows.order_by(Job.dead_at.desc(), Job.id).limit(LISTED)
        return [record_of(DeadJob, row) for row in self._read(newest)]

    def backlog(self) -> Backlog:
        """Return how much is left to do, and how much was given up."""
        waiting = self._count(select(Job.id).where(_IS_WAITING))
        dead = self._count(select(Job.id).where(Job.dead_at.is_not(None)))
        now = self._time()
        is_free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
        oldest = self._value(
            select(Job.due_at).where(_IS_WAITING, is_free).order_by(Job.due_at, Job.id).limit(1)
        )
        overdue = (now - oldest).total_seconds() if oldest else 0.0
        return Backlog(waiting, max(0.0, overdue), dead)

    def take_dead(self, job_id: str) -> DeadJob | None:
        """Delete a job that was given up, and return it; None when there is none."""
        try:
            named = uuid.UUID(job_id)
        except ValueError:
            return None
        taken = self._db.execute(
            delete(Job).where(Job.id == named, Job.dead_at.is_not(None)).returning(*_DEAD),
            execution_options=_NO_SYNC,
        ).one_or_none()
        return None if taken is None else record_of(DeadJob, taken)

    def backlog_by_kind(self) -> Sequence[KindBacklog]:
        """Return what waits and what was given up, by kind; kinds without either are left out."""
        now = self._time()
        oldest, count = func.min(Job.due_at), func.count()
        waiting = select(Job.kind, count, oldest).where(_IS_WAITING).group_by(Job.kind)
        dead = select(Job.kind, count).where(Job.dead_at.is_not(None)).group_by(Job.kind)
        due = {kind: (number, now - at) for kind, number, at in self._read(waiting)}
        given_up: dict[str, int] = dict(self._read(dead))
        return [
            KindBacklog(kind, *due.get(kind, (0, timedelta())), given_up.get(kind, 0))
            for kind in sorted({*due, *given_up})
        ]

    def count_settled(self, done: timedelta, dead: timedelta) -> int:
        """Return how many jobs ended as long ago as that."""
        return self._count(self._select_settled(done, dead))

    def delete_settled(self, done: timedelta, dead: timedelta, limit: int) -> int:
        """Delete up to `limit` jobs that ended as long ago as that; return how many."""
        old = self._select_settled(done, dead).limit(limit).with_for_update(skip_locked=True)
        deleted = self._db.scalars(
            delete(Job).where(Job.id.in_(old)).returning(Job.id), execution_options=_NO_SYNC
        )
        return len(deleted.all())

    def _select_settled(self, done: timedelta, dead: timedelta) -> AnySelect:
        now = self._time()
        settled = or_(Job.done_at <= now - done, Job.dead_at <= now - dead)
        query: AnySelect = select(Job.id).where(settled)
        return query

    def _is_due(self, kinds: Collection[str]) -> tuple[ColumnElement[bool], ...]:
        now = self._now()
        is_free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
        return _IS_WAITING, Job.kind.in_(kinds), Job.due_at <= now, is_free

    def _settle(self, job: ClaimedJob, **values: Any) -> None:
        """Change a job that nobody else has claimed since."""
        self._db.execute(
            update(Job).where(*_is_still(job)).values(**values, lease_until=None),
            execution_options=_NO_SYNC,
        )


def _is_still(job: ClaimedJob) -> tuple[ColumnElement[bool], ...]:
    return Job.id == job.id, Job.attempts == job.attempts, _IS_WAITING


def _short(error: str | None) -> str | None:
    return None if error is None else error[:ERROR_LENGTH]
