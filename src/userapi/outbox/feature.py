"""What the outbox brings."""

from collections.abc import Iterator

from userapi.config.settings import Settings
from userapi.container import Feature, FeatureList, Implements, Shared
from userapi.outbox.diagnosis import DIAGNOSIS
from userapi.outbox.models import Job
from userapi.outbox.repository import JobRepository
from userapi.outbox.service import JobStore, Later
from userapi.outbox.settings import JobEngine, JobSettings
from userapi.outbox.store import ClusterJobs, ClusterTables
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what leaves jobs to workers, and where they are kept."""
    rows = JobRepository(db=shared.db, clock=shared.database_clock)
    is_cluster = shared.settings.of(JobSettings).engine is JobEngine.PROCRASTINATE
    store: JobStore = ClusterJobs(db=shared.db) if is_cluster else rows
    yield rows
    yield Implements(JobStore, store)
    yield ClusterTables(engine=shared.database.engine)
    yield Later(jobs=store, kinds=shared.get(FeatureList).job_handlers().keys())


def ensure_tables() -> None:
    """Raise `ClusterTablesMissing` where procrastinate is chosen and its tables are missing."""
    if provided(Settings).of(JobSettings).engine is JobEngine.PROCRASTINATE:
        provided(ClusterTables).ensure_there()


FEATURE = Feature(
    name="outbox",
    build=build,
    settings=(JobSettings,),
    models=(Job,),
    checks=(ensure_tables,),
    diagnoses=(DIAGNOSIS,),
)
