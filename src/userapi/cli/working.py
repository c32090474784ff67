"""gunicorn's hooks for `userapi serve` that does jobs too: a thread in each of its processes.

The thread begins after the fork, and with it its connections: one at a time, from the pool of its
process.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

from userapi.cli import listening
from userapi.cli.listening import child_exit, on_exit, on_starting, pre_fork, when_ready
from userapi.cli.worker import worker_of

__all__ = [
    "child_exit",
    "on_exit",
    "on_starting",
    "post_worker_init",
    "pre_fork",
    "when_ready",
    "worker_exit",
]

_SPARE_SECONDS = 5
"""How long before the server ends a process for good its thread is left alone."""


class Stop(Event):
    """Set when the process is told to end, before it has answered what it was asked."""

    def __init__(self, worker: Any) -> None:
        super().__init__()
        self._worker = worker

    def is_set(self) -> bool:
        """Say whether the process is about to end."""
        return super().is_set() or not self._worker.alive


def post_worker_init(worker: Any) -> None:
    """Begin to record and to do jobs."""
    listening.post_worker_init(worker)
    worker.jobs_stop = Stop(worker)
    worker.jobs_thread = Thread(
        target=worker_of(worker.wsgi).run, args=(worker.jobs_stop,), name="jobs", daemon=True
    )
    worker.jobs_thread.start()


def worker_exit(server: Any, worker: Any) -> None:
    """End after the job at hand, within the time that the process has; else it is another's."""
    thread: Thread | None = getattr(worker, "jobs_thread", None)
    if thread is not None:
        worker.jobs_stop.set()
        thread.join(worker.cfg.graceful_timeout - _SPARE_SECONDS)
    listening.worker_exit(server, worker)
