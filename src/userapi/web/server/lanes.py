"""Threads that work on one thing after another, in turns for those who asked."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from userapi.kit.arrival import STEP_ASIDE

Job = Callable[[], object]


class Lane:
    """A number of threads at work, and the jobs that wait for them; `log` is told of what fails.

    Networks take turns: one with many jobs makes others wait for one of them, not for all. Who
    waits for its turn in a queue steps aside, and another thread works meanwhile. The threads end
    with the process: a job that hangs does not hold up its end.
    """

    def __init__(self, name: str, threads: int, log: Any) -> None:
        self._jobs: dict[str, deque[Job]] = {}
        self._turns: deque[str] = deque()
        self._name = name
        self._log = log
        self._limit = threads
        self._waiting = self._working = self._aside = self._returning = self._threads = 0
        self._lock = threading.Lock()
        self._has_job = threading.Condition(self._lock)
        self._has_place = threading.Condition(self._lock)
        for _ in range(threads):
            self._begin_thread()

    @property
    def waiting(self) -> int:
        """How many jobs no thread has begun."""
        return self._waiting

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
            self._waiting += 1
            self._wake_next()

    @contextmanager
    def step_aside(self) -> Iterator[None]:
        """Let another thread work during the block; called in a job, which then goes on first."""
        with self._lock:
            self._working -= 1
            self._aside += 1
            is_short = self._threads - self._aside < self._limit and not self._has_begun_thread()
            self._wake_next()
        if is_short:
            self._log.warning("No further thread could be begun: less is answered at once")
        try:
            yield
        finally:
            with self._lock:
                self._aside -= 1
                self._returning += 1
                self._has_place.wait_for(lambda: self._working < self._limit)
                self._returning -= 1
                self._take_place()

    def _has_begun_thread(self) -> bool:
        """Begin one, unless there are as many as the system allows."""
        with suppress(RuntimeError, MemoryError):
            self._begin_thread()
            return True
        return False

    def _begin_thread(self) -> None:
        name = f"{self._name}-{self._threads}"
        threading.Thread(target=self._run, name=name, daemon=True).start()
        self._threads += 1

    def _run(self) -> None:
        STEP_ASIDE.set(self.step_aside)
        while True:
            job = self._next()
            try:
                job()
            except Exception:  # noqa: BLE001 - whatever it is, the next job is due
                self._log.exception("A request could not be answered")
            with self._lock:
                self._working -= 1
                if self._returning:  # else this thread goes on
                    self._has_place.notify()

    def _next(self) -> Job:
        with self._lock:
            self._has_job.wait_for(self._may_begin)
            self._waiting -= 1
            network = self._turns.popleft()
            jobs = self._jobs[network]
            job = jobs.popleft()
            if jobs:
                self._turns.append(network)
            else:
                del self._jobs[network]
            self._take_place()
        return job

    def _may_begin(self) -> bool:
        return bool(self._turns) and self._working < self._limit and not self._returning

    def _take_place(self) -> None:
        self._working += 1
        self._wake_next()

    def _wake_next(self) -> None:
        """Wake one who may go on, if there is one; whoever goes on wakes the next."""
        if self._working < self._limit:
            if self._returning:
                self._has_place.notify()
            elif self._turns:
                self._has_job.notify()
