"""Threads that work on one thing after another."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Job = Callable[[], None]


class Lane:
    """A number of threads, and the jobs that wait for them; `log` is told of what fails.

    The threads end with the process: a job that hangs does not hold up its end.
    """

    def __init__(self, name: str, threads: int, log: Any) -> None:
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._log = log
        for number in range(threads):
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many jobs no thread has begun."""
        return self._jobs.qsize()

    def put(self, job: Job) -> None:
        """Have a thread do the job."""
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception:  # noqa: BLE001 - whatever it is, the next job is due
                self._log.exception("A request could not be answered")
