"""What jobs bring."""

from collections.abc import Iterator

from userapi.container import Feature, FeatureList, Purge, Shared
from userapi.jobs.commands import jobs
from userapi.jobs.service import DeadJobs, JobQueue, JobRetention
from userapi.jobs.sweeping import SWEEP
from userapi.outbox.repository import JobRepository
from userapi.outbox.service import JobStore, Later
from userapi.outbox.settings import JobSettings
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what workers take jobs from, and what deletes old ones."""
    settings = shared.settings.of(JobSettings)
    yield JobQueue(
        transaction=shared.transaction,
        jobs=shared.get(JobRepository),
        later=shared.get(Later),
        handlers=shared.get(FeatureList).job_handlers(),
    )
    store = shared.get(JobStore)
    yield DeadJobs(transaction=shared.transaction, jobs=store, later=shared.get(Later))
    yield JobRetention(
        transaction=shared.transaction,
        jobs=store,
        done=settings.done_retention,
        dead=settings.dead_retention,
    )


FEATURE = Feature(
    name="jobs",
    build=build,
    commands=(jobs,),
    purges=(
        Purge(
            "jobs that ended",
            delete=lambda report: provided(JobRetention).delete_expired(report),
            count=lambda: provided(JobRetention).count_expired(),
        ),
    ),
    jobs=(SWEEP,),
)
