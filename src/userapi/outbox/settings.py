"""The settings of jobs."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec

from userapi.config.database import DatabaseSettings
from userapi.config.declarations import choice, days, seconds, settings_group
from userapi.config.settings import Problem, Settings


class JobEngine(StrEnum):
    """Who keeps what is to be done later."""

    EMBEDDED = "embedded"
    PROCRASTINATE = "procrastinate"


@settings_group("Jobs")
class JobSettings:
    """What has to happen later, and how long it is known afterwards."""

    engine: JobEngine = choice(
        "JOBS",
        JobEngine,
        default=JobEngine.EMBEDDED,
        help="Who keeps what is to be done later: a table of ours, or procrastinate, for many "
        "hosts (docs/jobs.md).",
    )
    poll_interval: timedelta = seconds(
        "JOBS_POLL_SECONDS",
        default=1,
        maximum=3600,
        help="How long a worker that found nothing to do waits until it looks again, in seconds.",
    )
    done_retention: timedelta = days(
        "JOB_RETENTION_DAYS",
        default=7,
        minimum=1,
        maximum=3650,
        help="How long jobs that were done are kept, in days.",
    )
    dead_retention: timedelta = days(
        "DEAD_JOB_RETENTION_DAYS",
        default=90,
        minimum=1,
        maximum=3650,
        help="How long jobs that were given up are kept, in days.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what procrastinate lacks."""
        if self.engine is not JobEngine.PROCRASTINATE:
            return
        if not settings.of(DatabaseSettings).url.startswith("postgresql"):
            yield Problem(
                "JOBS",
                "procrastinate needs PostgreSQL: set DATABASE_URL to one, or JOBS=embedded",
            )
        elif find_spec("procrastinate") is None:
            yield Problem(
                "JOBS",
                "procrastinate is not installed: pip install 'userapi[cluster]', or JOBS=embedded",
            )
