"""Rollouts and rollbacks under load, and what came of them."""

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.rollout.asking import Tally
from benchmarks.rollout.crowd import Crowd
from benchmarks.rollout.stage import Stage, stage_on
from support.databases import PostgresServer, Server, SQLiteFiles
from support.postgres import postgres_server
from support.processes import wait_until

_ALGORITHMS = ("EdDSA", "HS256")
"""What tokens are signed with, on one new database and on the next."""

_PHASES = 4
"""In each round: both, the new one alone, both, the old one alone."""
_PHASE_SECONDS = 600


@dataclass(frozen=True)
class Wanted:
    """How much is asked for: `rounds` are rollouts with their rollbacks on each new database."""

    database: str = "postgresql"
    databases: int = 4
    rounds: int = 5
    requests: int = 100_000
    people: int = 12
    rate: float = 200.0

    @property
    def share(self) -> int:
        """How many requests are asked in each phase."""
        return self.requests // (self.databases * (1 + _PHASES * self.rounds))


@dataclass
class Results:
    """What came of it all."""

    wanted: Wanted
    tally: Tally = field(default_factory=Tally)
    rollouts: int = 0
    rollbacks: int = 0
    people: int = 0
    migrations: list[float] = field(default_factory=list)

    @property
    def is_fine(self) -> bool:
        """Whether nothing failed, nothing was lost, and no session ended."""
        return not self.tally.failures

    @property
    def p99(self) -> float:
        """The time within which 99 of 100 answers came, in seconds."""
        return statistics.quantiles(self.tally.seconds, n=100)[98]


def run(wanted: Wanted, say: Callable[[str], object]) -> Results:
    """Roll out and back as often as wanted, each time some on a new database."""
    results, told = Results(wanted), 0
    with _server(wanted.database) as server:
        for number in range(1, wanted.databases + 1):
            with (
                tempfile.TemporaryDirectory(prefix="userapi-rollout-") as folder,
                stage_on(server, Path(folder), _ALGORITHMS[number % 2]) as stage,
            ):
                _play(stage, results)
            tally = results.tally
            say(f"database {number}: {tally.asked} requests by now")
            for line in tally.failures[told:]:
                say(f"  {line}")
            told = len(tally.failures)
    return results


def _play(stage: Stage, results: Results) -> None:
    wanted, tally = results.wanted, results.tally
    crowd = Crowd(stage.url, tally, size=wanted.people, rate=wanted.rate)

    def go_on(phase: str) -> None:
        tally.phase = phase
        until = tally.asked + wanted.share
        wait_until(lambda: tally.asked >= until or crowd.has_stopped, _PHASE_SECONDS)

    with crowd.asking():
        go_on("the last release alone, on its own schema")
        tally.phase = "during the migration"
        results.migrations.append(stage.migrate())
        for _ in range(wanted.rounds):
            stage.roll_out(lambda: go_on("both, on the way there"))
            results.rollouts += 1
            go_on("this version alone")
            stage.roll_back(lambda: go_on("both, on the way back"))
            results.rollbacks += 1
            go_on("the last release alone")
    tally.phase = "checked by the last release"
    crowd.check()
    stage.roll_out(lambda: None)
    tally.phase = "checked by this version"
    crowd.check()
    results.people += len(crowd.people)


@contextlib.contextmanager
def _server(kind: str) -> Iterator[Server]:
    if kind == "postgresql":
        with postgres_server() as url:
            yield PostgresServer(url)
    else:
        with tempfile.TemporaryDirectory(prefix="userapi-rollout-") as folder:
            yield SQLiteFiles(Path(folder))
