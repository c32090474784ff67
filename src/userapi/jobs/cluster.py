"""Procrastinate: the same handlers on as many hosts as are wanted, for `JOBS=procrastinate`."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from threading import Event
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy

from userapi.jobs.outcomes import End, attempt, name_of
from userapi.jobs.retries import wait_after
from userapi.jobs.worker import PAUSE_SECONDS, Contexts
from userapi.kit.jobs import JobHandler, Payload
from userapi.outbox.store import TASK_PREFIX

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
"""How often a worker says that it lives."""

STALLED_SECONDS = 30
"""For how long nothing was heard of a worker whose jobs become another's."""

_STALLED = "stalled"
EVERY_MINUTE = "* * * * *"
_EVERY_HOUR = "7 * * * *"
_LOOK_SECONDS = 0.2


class TryAgain(Exception):
    """The job failed, and is to be tried again; what happened is in the log already."""


class GivenUp(Exception):
    """The job failed for good; what happened is in the log already."""


class AsPlanned(BaseRetryStrategy):
    """Tries again after the waits of `jobs.retries`."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to try again; None for a job that was given up."""
        if isinstance(exception, GivenUp):
            return None
        seconds = round(wait_after(job.attempts + 1).total_seconds())
        return RetryDecision(retry_in={"seconds": seconds})


def cluster_app(
    connection: Mapping[str, Any],
    handlers: Mapping[str, JobHandler],
    contexts: Contexts,
    poll_interval: timedelta,
) -> App:
    """Return procrastinate's application with a task for each handler.

    `connection` is what psycopg connects with; each job runs in a context of its own.
    """
    # What a job is, and how it ended, is told by `attempt`: in one line, without the payload.
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    logging.getLogger("procrastinate.worker").setLevel(logging.CRITICAL)
    # It tells of a failed connection in words that may come from the address.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    app = App(
        connector=PsycopgConnector(
            kwargs={"connect_timeout": 5, "application_name": "userapi worker", **connection},
            min_size=1,
            max_size=3,
        ),
        worker_defaults={
            # A worker leaves alone what a newer version of the program brought.
            "queues": [f"{TASK_PREFIX}{kind}" for kind in (*handlers, _STALLED)],
            "delete_jobs": "successful",
            "fetch_job_polling_interval": poll_interval.total_seconds(),
            "update_heartbeat_interval": HEARTBEAT_SECONDS,
            "stalled_worker_timeout": STALLED_SECONDS,
        },
    )
    for handler in handlers.values():
        _add_task(app, handler, contexts)
    name = f"{TASK_PREFIX}{_STALLED}"
    stalled = app.task(name=name, queue=name, pass_context=True)
    app.periodic(cron=EVERY_MINUTE)(stalled(take_up_stalled))
    return app


def _add_task(app: App, handler: JobHandler, contexts: Contexts) -> None:
    name = f"{TASK_PREFIX}{handler.kind}"

    def run(context: JobContext, payload: Payload | None = None, timestamp: int = 0) -> None:
        del timestamp  # when an hourly one was due
        with contexts():
            outcome = attempt(handler, payload or {}, context.job.attempts + 1)
        if outcome.end is End.AGAIN:
            raise TryAgain
        if outcome.end is End.DEAD:
            raise GivenUp

    task: Any = app.task(
        name=name,
        queue=name,
        pass_context=True,
        # What runs every hour comes again by itself, and never twice at once.
        retry=False if handler.is_hourly else AsPlanned(),
        lock=name if handler.is_hourly else None,
    )(run)
    if handler.is_hourly:
        app.periodic(cron=_EVERY_HOUR)(task)


async def take_up_stalled(context: JobContext, timestamp: int = 0) -> None:
    """Let the jobs of workers that have died be done by others."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        if job.task_name.startswith(TASK_PREFIX):
            await manager.retry_job(job)


class ClusterWorker:
    """Implements `JobWorker` with the worker of procrastinate."""

    def __init__(self, *, app: App) -> None:
        self._app = app

    def run(self, stop: Event, *, until_empty: bool = False) -> None:
        """Do jobs, as `JobWorker` promises."""
        while not stop.is_set():
            try:
                asyncio.run(self._work(stop, until_empty=until_empty))
            except Exception as error:
                if until_empty:
                    raise
                _log.warning("the worker waits: %s", name_of(error))
            if until_empty:
                return
            stop.wait(PAUSE_SECONDS)  # it ends by itself only when the database does not answer

    async def _work(self, stop: Event, *, until_empty: bool) -> None:
        work = asyncio.create_task(self._connect_and_work(until_empty=until_empty))
        while not work.done():
            await asyncio.wait({work}, timeout=_LOOK_SECONDS)
            if stop.is_set():
                work.cancel()  # it ends after the job at hand
                break
        with contextlib.suppress(asyncio.CancelledError):
            await work

    async def _connect_and_work(self, *, until_empty: bool) -> None:
        async with self._app.open_async():
            await self._app.run_worker_async(wait=not until_empty, install_signal_handlers=False)
