"""What is left to do later, as `userapi doctor` sees it."""

from collections.abc import Iterator
from datetime import timedelta

from userapi.config.settings import Settings
from userapi.kit.diagnoses import Diagnosis, Finding, ok, warning
from userapi.outbox.service import JobStore
from userapi.outbox.settings import JobEngine, JobSettings
from userapi.outbox.store import ClusterTables
from userapi.web.services import provided

_LATE = timedelta(minutes=2)


def job_findings() -> Iterator[Finding]:
    """Yield how many jobs wait, whether anybody does them, and how many were given up."""
    is_cluster = provided(Settings).of(JobSettings).engine is JobEngine.PROCRASTINATE
    if is_cluster:
        provided(ClusterTables).ensure_there()
    backlog = provided(JobStore).backlog()
    if backlog.overdue > _LATE.total_seconds():
        told = f"jobs wait ({backlog.waiting}), one of them due for {backlog.overdue:.0f} seconds"
        yield warning(f"{told}: nobody does them, or too few", "run: userapi worker")
    elif not (backlog.waiting or is_cluster):
        # Our own workers leave what comes every hour waiting.
        told = "no job waits, not even those of every hour: no worker has run yet"
        yield warning(told, "run: userapi serve, or userapi worker")
    else:
        yield ok(f"jobs wait ({backlog.waiting}), and none is late")
    if backlog.dead:
        told = f"jobs were given up ({backlog.dead})"
        yield warning(told, "look at userapi jobs list, and try again: userapi jobs retry")


DIAGNOSIS = Diagnosis(
    name="jobs", look=job_findings, needs=("DATABASE_", "JOBS"), asks_database=True
)
