"""Jobs in the tables of procrastinate, written in the transaction of their cause.

Nothing of the package is needed for that: what its own client calls is a function of the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy import Engine, bindparam, column, inspect, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from userapi.db.constraints import violated_constraint
from userapi.kit.jobs import Payload
from userapi.outbox.errors import ClusterTablesMissing
from userapi.outbox.records import Backlog, DeadJob, KindBacklog

TASK_PREFIX = "userapi."
"""What the names of our tasks begin with; the kind follows. Each has a queue of its own name."""

LISTED = 1000
_TABLE = "procrastinate_jobs"
_ONLY_ONE_WAITS = "procrastinate_jobs_queueing_lock_idx_v1"

_IS_WAITING = text(
    "SELECT EXISTS (SELECT FROM procrastinate_jobs"
    " WHERE queueing_lock = :lock AND status IN ('todo', 'doing'))"
)
_ADD = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW("
    ":task, :task, 0, NULL, :lock, :args, statement_timestamp() + make_interval(secs => :seconds)"
    ")::procrastinate_job_to_defer_v1])"
).bindparams(bindparam("args", type_=JSONB()))
_DEAD = """
    id, substr(task_name, length(:prefix) + 1) AS kind,
    substr(coalesce(queueing_lock, ''), length(task_name) + 2) AS key,
    coalesce(args -> 'payload', '{}') AS payload, attempts,
    (SELECT max(at) FROM procrastinate_events WHERE job_id = procrastinate_jobs.id) AS dead_at,
    NULL AS last_error
"""
_ARE_OURS = "starts_with(task_name, :prefix)"
# A text that says which columns it has may be read outside of a transaction.
_LIST_DEAD = text(
    f"SELECT {_DEAD} FROM procrastinate_jobs WHERE status = 'failed' AND {_ARE_OURS}"  # noqa: S608 - our own words
    f" ORDER BY id DESC LIMIT {LISTED}"
).columns(*(column(field.name) for field in fields(DeadJob)))
_BACKLOG = text(
    f"""
    SELECT count(*) FILTER (WHERE status IN ('todo', 'doing')) AS waiting,
        coalesce(extract(epoch FROM statement_timestamp()
            - min(scheduled_at) FILTER (WHERE status = 'todo')), 0)::float AS overdue,
        count(*) FILTER (WHERE status = 'failed') AS dead
    FROM procrastinate_jobs WHERE {_ARE_OURS}
    """  # noqa: S608 - our own words
).columns(*(column(field.name) for field in fields(Backlog)))
_TAKE_DEAD = text(
    "DELETE FROM procrastinate_jobs"  # noqa: S608 - our own words
    f" WHERE id::text = :id AND status = 'failed' AND {_ARE_OURS} RETURNING {_DEAD}"
)
_BACKLOG_BY_KIND = text(
    f"""
    SELECT substr(task_name, length(:prefix) + 1) AS kind,
        count(*) FILTER (WHERE status <> 'failed') AS waiting,
        coalesce(
            statement_timestamp() - min(coalesce(scheduled_at, statement_timestamp()))
                FILTER (WHERE status <> 'failed'),
            interval '0'
        ) AS overdue,
        count(*) FILTER (WHERE status = 'failed') AS dead
    FROM procrastinate_jobs WHERE {_ARE_OURS} AND status IN ('todo', 'doing', 'failed')
    GROUP BY task_name ORDER BY task_name
    """  # noqa: S608 - our own words
).columns(*(column(field.name) for field in fields(KindBacklog)))
_SETTLED = f"""
    FROM procrastinate_jobs WHERE {_ARE_OURS} AND status NOT IN ('todo', 'doing')
        AND NOT EXISTS (
            SELECT FROM procrastinate_events
            WHERE job_id = procrastinate_jobs.id AND at > statement_timestamp() - CASE
                WHEN status = 'succeeded' THEN make_interval(secs => :done)
                ELSE make_interval(secs => :dead) END
        )
"""
_COUNT_SETTLED = text(f"SELECT count(*) {_SETTLED}")
_DELETE_SETTLED = text(
    f"""
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT id {_SETTLED} LIMIT :limit FOR UPDATE SKIP LOCKED
    ) RETURNING id
    """  # noqa: S608 - our own words
)


class ClusterJobs:
    """Implements `JobStore` with the tables of procrastinate."""

    def __init__(self, *, db: Callable[[], Session]) -> None:
        self._scoped_session = db

    @property
    def _db(self) -> Session:
        return self._scoped_session()

    def add(self, kind: str, key: str, payload: Payload, due_in: timedelta | None) -> None:
        """Defer a job that is due after so long, unless one of that kind and key waits."""
        lock = f"{TASK_PREFIX}{kind}:{key}"
        if self._db.scalar(_IS_WAITING, {"lock": lock}):
            return
        values = {
            "task": f"{TASK_PREFIX}{kind}",
            "lock": lock,
            "args": {"payload": dict(payload)},
            "seconds": (due_in or timedelta()).total_seconds(),
        }
        try:
            with self._db.begin_nested():
                self._db.execute(_ADD, values)
        except IntegrityError as error:
            if violated_constraint(error) != _ONLY_ONE_WAITS:
                raise

    def list_dead(self) -> Sequence[DeadJob]:
        """Return the jobs that were given up, the newest first: `LISTED` at most."""
        rows = self._db.execute(_LIST_DEAD, {"prefix": TASK_PREFIX})
        return [DeadJob(**row) for row in rows.mappings()]

    def backlog(self) -> Backlog:
        """Return how much is left to do, and how much was given up."""
        found = Backlog(**self._db.execute(_BACKLOG, {"prefix": TASK_PREFIX}).mappings().one())
        return replace(found, overdue=max(0.0, found.overdue))

    def take_dead(self, job_id: str) -> DeadJob | None:
        """Delete a job that was given up, and return it; None when there is none."""
        named = {"id": job_id, "prefix": TASK_PREFIX}
        row = self._db.execute(_TAKE_DEAD, named).mappings().one_or_none()
        return None if row is None else DeadJob(**row)

    def backlog_by_kind(self) -> Sequence[KindBacklog]:
        """Return what waits and what was given up, by kind; kinds without either are left out."""
        rows = self._db.execute(_BACKLOG_BY_KIND, {"prefix": TASK_PREFIX})
        return [KindBacklog(**row) for row in rows.mappings()]

    def count_settled(self, done: timedelta, dead: timedelta) -> int:
        """Return how many jobs ended as long ago as that."""
        return int(self._db.execute(_COUNT_SETTLED, _values_of(done, dead)).scalar_one())

    def delete_settled(self, done: timedelta, dead: timedelta, limit: int) -> int:
        """Delete up to `limit` jobs that ended as long ago as that; return how many."""
        values = {**_values_of(done, dead), "limit": limit}
        return len(self._db.execute(_DELETE_SETTLED, values).all())


def _values_of(done: timedelta, dead: timedelta) -> dict[str, Any]:
    return {
        "prefix": TASK_PREFIX,
        "done": done.total_seconds(),
        "dead": dead.total_seconds(),
    }


class ClusterTables:
    """The tables of procrastinate on one database; they are its own, not those of migrations."""

    def __init__(self, *, engine: Engine) -> None:
        self._engine = engine

    def ensure_there(self) -> None:
        """Raise `ClusterTablesMissing` where they are missing."""
        if not self._exist():
            raise ClusterTablesMissing

    def create(self) -> bool:
        """Make them as the installed version of the package has them; False when they are there."""
        if self._exist():
            return False
        script = (files("procrastinate") / "sql" / "schema.sql").read_text(encoding="utf-8")
        with self._engine.begin() as connection:
            # The script has percent signs, which stand for no values.
            connection.execution_options(no_parameters=True).exec_driver_sql(script)
        return True

    def _exist(self) -> bool:
        return inspect(self._engine).has_table(_TABLE)
