"""Half an hour of load with a fault every minute: what grows meanwhile (F25)."""

import contextlib
import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.faults.case import Bench, Case, Database, Findings, Seen
from benchmarks.faults.service import Service
from benchmarks.faults.storm import storm
from benchmarks.speed.processes import resident_mebibytes

_LOOK_SECONDS = 10.0
_FAULT_SECONDS = 60.0
_RATE = 100.0
"""As many as fill, in the part that does not count, what a process remembers of each."""

_MEBIBYTES_AN_HOUR = 1.0
_HANDLES = 10
_LOCKED_SECONDS = 2.0
_WARM = 1 / 3
"""The part of the time in which a process still gets to know what it needs."""


def soak(bench: Bench) -> Seen:
    """Ask at a steady rate for half an hour, and break the database every minute."""
    found, seconds = Findings(), bench.pick(1800, 40)
    memory: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    handles: defaultdict[int, list[int]] = defaultdict(list)
    with (
        bench.database() as database,
        bench.service(database, WEB_MAX_REQUESTS="0") as service,
        storm(service.url, bench.ledger, clients=8, rate=_RATE) as clients,
    ):
        began, faults = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            for worker in service.workers:
                memory[worker].append((passed / 3600, resident_mebibytes(worker)))
                handles[worker].append(len(list(Path(f"/proc/{worker}/fd").iterdir())))
            if passed > (faults + 1) * _FAULT_SECONDS:
                faults += 1
                _disturb(database)
            time.sleep(_LOOK_SECONDS)
        clients.end()
        found.judge(clients.judge(database.url))
        _demand_one_life(service, list(memory), found)
    slopes = [slope(points[int(_WARM * len(points)) :]) for points in memory.values()]
    grown = [
        max(counts[len(counts) // 2 :]) - max(counts[: len(counts) // 2])
        for counts in handles.values()
    ]
    found.tell(
        f"{faults} faults in {seconds / 60:.0f} minutes, {clients.rate():.0f} requests a second"
    )
    found.demand(f"{max(slopes):+.2f} MiB an hour at most", holds=max(slopes) < _MEBIBYTES_AN_HOUR)
    found.demand(f"{max(grown):+d} open files at most", holds=max(grown) <= _HANDLES)
    return found.seen()


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much the second value grows with the first, by least squares."""
    count = len(points)
    mean_x, mean_y = (sum(each) / count for each in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def _disturb(database: Database) -> None:
    """Restart PostgreSQL, or lock SQLite's file for a moment."""
    if database.cluster is not None:
        database.cluster.kill()
        database.cluster.start()
        return
    file = str(make_url(database.url).database)
    with contextlib.closing(sqlite3.connect(file, timeout=30)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        time.sleep(_LOCKED_SECONDS)
        stranger.rollback()


def _demand_one_life(service: Service, seen: list[int], found: Findings) -> None:
    """Demand that no process has ended meanwhile."""
    ended = set(seen) - set(service.workers)
    found.demand(f"{len(ended)} processes ended", holds=not ended)


SOAK = Case(
    "F25",
    "30 minutes of load, with a fault of the database each minute (`make soak`)",
    "less than 1 MiB an hour for each process; open files constant; N1 to N6",
    soak,
    minutes=60,
)
