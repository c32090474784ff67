"""Slices of time in which one contender does one work, and what each of them told."""

import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.speed.load import Answers, Load, ask
from benchmarks.speed.processes import processor_seconds, processors

_PGBENCH_CLIENTS = 16


@dataclass(frozen=True)
class Slice:
    """What a slice told; times are milliseconds, those of processors for each answer."""

    users: int
    round: int
    contender: str
    work: str
    answers: int
    failures: int
    refusals: str
    rate: float
    p50: float
    p99: float
    server: float
    database: float
    load: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class Lane:
    """A work of a contender: takes the seconds of a slice, returns what came and what it cost."""

    contender: str
    work: str
    measure: Callable[[float], tuple[Answers, Sequence[float]]]

    def slice(self, users: int, number: int, seconds: float) -> Slice:
        """Measure for so long."""
        answers, spent = self.measure(seconds)
        count = len(answers.times)
        server, database, load = (1000 * it / count if count else float("nan") for it in spent)
        refusals = ", ".join(f"{times} x {what}" for what, times in answers.refusals.items())
        return Slice(
            *(users, number, self.contender, self.work, count, answers.failures, refusals),
            rate=count / answers.seconds if answers.seconds else 0.0,
            p50=1000 * quantile(answers.times, 0.5),
            p99=1000 * quantile(answers.times, 0.99),
            server=server,
            database=database,
            load=load,
        )


def quantile(times: Sequence[float], part: float) -> float:
    """Return the time within which that part of the answers came."""
    if not times:
        return float("nan")
    if len(times) == 1:
        return times[0]
    return statistics.quantiles(times, n=1000, method="inclusive")[round(part * 1000) - 1]


def loaded(load: Load, server: int, database: int, seconds: float) -> tuple[Answers, list[float]]:
    """Put a load on a server; return the answers, and what server, database and load spent."""
    before = [processor_seconds(server), processor_seconds(database), time.process_time()]
    answers = ask(load, seconds)
    after = [processor_seconds(server), processor_seconds(database), time.process_time()]
    return answers, [end - begin for begin, end in zip(before, after, strict=True)]


class PgBench:
    """`pgbench -S` on tables of its own: how often the database can be asked at all."""

    def __init__(self, program: Path, database_url: str, database: int) -> None:
        self._program = str(program)
        self._url = database_url
        self._database = database

    def prepare(self) -> None:
        """Make its tables, of 100,000 rows."""
        self._run("-i", "-q", "-s", "1", seconds=60)

    def measure(self, seconds: float) -> tuple[Answers, list[float]]:
        """Ask for a row by its key for so long."""
        whole = max(1, round(seconds))
        with tempfile.TemporaryDirectory(prefix="userapi-pgbench-") as folder:
            prefix = f"{folder}/times"
            before = [_children_seconds(), processor_seconds(self._database)]
            began = time.perf_counter()
            self._run(
                *("-n", "-S", "-M", "prepared", "-c", str(_PGBENCH_CLIENTS), "-j", "1"),
                *("-T", str(whole), "-l", f"--log-prefix={prefix}"),
                seconds=whole + 30,
            )
            took = time.perf_counter() - began
            after = [_children_seconds(), processor_seconds(self._database)]
            lines = [
                line for file in Path(folder).iterdir() for line in file.read_text().splitlines()
            ]
        answers = Answers(took, [int(line.split()[2]) / 1_000_000 for line in lines])
        return answers, [*(b - a for a, b in zip(before, after, strict=True)), 0.0]

    def _run(self, *arguments: str, seconds: float) -> None:
        subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [self._program, *arguments, self._url],
            check=True,
            capture_output=True,
            timeout=seconds,
            preexec_fn=partial(os.sched_setaffinity, 0, {processors()[0]}),
        )


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
