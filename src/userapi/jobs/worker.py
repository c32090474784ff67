"""The worker of the table `jobs`: it takes one job after the other, and waits when there is none.

    look (no lock) ─▶ claim: lease, attempts + 1 ─▶ run ─▶ settle, if attempts is still ours
      ▲  nothing due: wait                                   │
      └──────────────────────────────────────────────────────┘

Claiming and settling are short transactions; none is open while the job runs.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Event
from typing import Any, Protocol

from userapi.jobs.outcomes import Outcome, attempt, name_of
from userapi.jobs.service import JobQueue
from userapi.kit.jobs import JobHandler
from userapi.outbox.records import ClaimedJob

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0
"""How long a worker waits when the database does not answer."""

Contexts = Callable[[], AbstractContextManager[Any]]
"""A function that returns an application context; what runs in it leaves no connection busy."""


class JobWorker(Protocol):
    """Does jobs until it is told to stop."""

    def run(self, stop: Event, *, until_empty: bool = False) -> None:
        """Do jobs until `stop` is set, which ends it after the job at hand.

        With `until_empty` it also ends when none is due, and raises what the database raises.
        """
        ...


class Worker:
    """Implements `JobWorker` for the table `jobs`."""

    def __init__(
        self,
        *,
        queue: JobQueue,
        handlers: Mapping[str, JobHandler],
        contexts: Contexts,
        poll_interval: timedelta,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._contexts = contexts
        self._poll_seconds = poll_interval.total_seconds()

    def run(self, stop: Event, *, until_empty: bool = False) -> None:
        """Do jobs, as `JobWorker` promises."""
        is_prepared = False
        while not stop.is_set():
            pause = self._poll_seconds
            try:
                if not is_prepared:
                    with self._contexts():
                        self._queue.put_hourly()
                    is_prepared = True
                if self._run_next(stop):
                    continue
            except Exception as error:
                if until_empty:
                    raise
                _log.warning("the worker waits: %s", name_of(error))
                pause = PAUSE_SECONDS
            if until_empty:
                return
            stop.wait(pause)

    def _run_next(self, stop: Event) -> bool:
        """Do the next job that is due; return whether there was one."""
        with self._contexts():
            job = self._queue.claim()
        if job is None:
            return False
        handler = self._handlers[job.kind]
        lease_end = time.monotonic() + handler.lease.total_seconds()
        with self._contexts():
            outcome = attempt(handler, job.payload, job.attempts)
        self._settle(job, outcome, stop, lease_end)
        return True

    def _settle(self, job: ClaimedJob, outcome: Outcome, stop: Event, lease_end: float) -> None:
        """Write down how the job ended; as long as it is ours, wait for the database to answer."""
        while True:
            try:
                with self._contexts():
                    self._queue.settle(job, outcome)
            except Exception as error:
                if stop.is_set() or time.monotonic() + PAUSE_SECONDS > lease_end:
                    raise
                _log.warning("a job is done and not settled: %s", name_of(error))
                stop.wait(PAUSE_SECONDS)
            else:
                return
