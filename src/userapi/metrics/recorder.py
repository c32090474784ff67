"""What a process of the server records of itself."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from userapi.kit.metrics import PoolLoad, QueueLoad
from userapi.metrics.instruments import Instruments
from userapi.web.admission import OPERATION
from userapi.web.problems import PROBLEM

NO_OPERATION = "none"
"""What is counted as the operation of a request that asks for none of ours."""

LOGIN = "login"
SUCCESS = "success"

_SAMPLE_SECONDS = 1


class ProcessRecorder:
    """Implements `Recorder` with files that other processes read.

    `names` are the operations' ids in the document, by the identity of what was recorded of them.
    The pools, by their names, and the queue of hashes are looked at once in a second, not at each
    use.
    """

    def __init__(
        self,
        instruments: Instruments,
        *,
        names: Mapping[int, str],
        pools: Mapping[str, Callable[[], PoolLoad]],
        hashing: Callable[[], QueueLoad],
    ) -> None:
        self._instruments = instruments
        self._names = names
        self._pools = pools
        self._hashing = hashing
        self._answers: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._sampled = -float(_SAMPLE_SECONDS)
        self._waits = dict.fromkeys(pools, 0)
        self._refused = 0
        instruments.processes.set(1)
        self._record_pools()

    def record_answer(self, environ: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count an answer; the time is the server's, its queue included."""
        name = self._names.get(id(environ.get(OPERATION)), NO_OPERATION)
        counted = self._answers.get((name, status)) or self._counted(name, status)
        counted[0].inc()
        counted[1].observe(seconds)
        if name == LOGIN:
            self._instruments.logins.labels(environ.get(PROBLEM, SUCCESS)).inc()

    def record_load(self, *, connections: int, waiting: int) -> None:
        """Note the load of the server, of the pools and of the queue of hashes."""
        now = time.monotonic()
        if now - self._sampled < _SAMPLE_SECONDS:
            return
        self._sampled = now
        found, hashing = self._instruments, self._hashing()
        levels: tuple[tuple[Gauge, int], ...] = (
            (found.connections, connections),
            (found.waiting, waiting),
            (found.hashing_running, hashing.running),
            (found.hashing_waiting, hashing.waiting),
        )
        for gauge, level in levels:
            gauge.set(level)
        found.hashing_refused.inc(hashing.refused - self._refused)
        self._refused = hashing.refused
        self._record_pools()

    def _record_pools(self) -> None:
        found = self._instruments
        for name, look_at in self._pools.items():
            pool = look_at()
            found.pool_in_use.labels(name).set(pool.in_use)
            found.pool_kept.labels(name).set(pool.kept)
            found.pool_overflow.labels(name).set(pool.overflow)
            found.pool_limit.labels(name).set(pool.limit)
            # A pool that was made anew counts from the beginning.
            found.pool_waits.labels(name).inc(max(0, pool.waits - self._waits[name]))
            self._waits[name] = pool.waits

    def _counted(self, name: str, status: int) -> tuple[Counter, Histogram]:
        """Return what counts these answers; looking it up is half of the work."""
        found = self._instruments
        return self._answers.setdefault(
            (name, status), (found.requests.labels(name, status), found.durations.labels(name))
        )
