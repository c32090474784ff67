"""Threads that work on one thing after another, in turns for those who asked."""

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Job = Callable[[], object]


class Lane:
    """A number of threads, and the jobs that wait for them; `log` is told of what fails.

    Networks take turns: one with many jobs makes others wait for one of them, not for all. The
    threads end with the process: a job that hangs does not hold up its end.
    """

    def __init__(self, name: str, threads: int, log: Any) -> None:
        self._jobs: dict[str, deque[Job]] = {}
        self._turns: deque[str] = deque()
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[None] = SimpleQueue()
        self._log = log
        for number in range(threads):
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many jobs no thread has begun."""
        return self._waiting.qsize()

    def waiting_for(self, network: str) -> int:
        """Return how many of them are those of a network."""
        return len(self._jobs.get(network, ()))

    def put(self, network: str, job: Job) -> None:
        """Have a thread do a job of that network."""
        with self._lock:
            if network not in self._jobs:
                self._jobs[network] = deque()
                self._turns.append(network)
            self._jobs[network].append(job)
        self._waiting.put(None)

    def _run(self) -> None:
        while True:
            self._waiting.get()
            job = self._next()
            try:
                job()
            except Exception:  # noqa: BLE001 - whatever it is, the next job is due
                self._log.exception("A request could not be answered")

    def _next(self) -> Job:
        with self._lock:
            network = self._turns.popleft()
            jobs = self._jobs[network]
            job = jobs.popleft()
            if jobs:
                self._turns.append(network)
            else:
                del self._jobs[network]
        return job
