"""A run: databases are filled, contenders started, and slices measured in turn."""

import contextlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import httpx

from benchmarks.speed.asking import Asking, NotThere
from benchmarks.speed.contenders import FEWEST, OURS, Contender, Place, contender_named
from benchmarks.speed.database import OURS as OUR_TABLE
from benchmarks.speed.database import filled
from benchmarks.speed.memory import Memory, memory_of, start_of
from benchmarks.speed.processes import DidNotStart, Program, answers, processors, running
from benchmarks.speed.slices import Lane, PgBench, Slice, loaded
from benchmarks.speed.works import LISTS, Work, work_named
from support.databases import PostgresServer
from support.processes import free_port


@dataclass(frozen=True)
class Wanted:
    """What a run measures, and how long it may take."""

    users: Sequence[int]
    rounds: int
    seconds: float
    contenders: Sequence[Contender]
    works: Sequence[Work]
    python: str
    minutes: float
    flood_seconds: float
    starts: int
    pgbench: Path | None = None


@dataclass
class Results:
    """What a run found."""

    slices: list[Slice] = field(default_factory=list)
    left_out: dict[tuple[str, str], str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)
    starts: dict[str, list[float]] = field(default_factory=dict)
    load_average: float = field(default_factory=lambda: os.getloadavg()[0])
    """How busy the machine was with other things when the run began."""


class Run:
    """Measures what is wanted on a PostgreSQL server, in a folder."""

    def __init__(self, wanted: Wanted, server_url: str, server: int, folder: Path) -> None:
        self._wanted = wanted
        self._url = server_url
        self._server = server
        self._folder = folder
        self._end = time.monotonic() + 60 * wanted.minutes
        self.results = Results()

    def run(self) -> Results:
        """Measure all of it, or as much as there is time for."""
        for users in self._wanted.users:
            self._tell(f"{users:,} users")
            with contextlib.ExitStack() as stack:
                # Only what is measured needs a processor of its own.
                os.sched_setaffinity(0, set(processors()))
                databases = dict(self._databases(users, stack))
                os.sched_setaffinity(0, {processors()[1]})
                self._measure(users, databases)
                if users == self._wanted.users[0]:
                    self._weigh(databases)
        return self.results

    def _databases(self, users: int, stack: contextlib.ExitStack) -> Iterator[tuple[str, str]]:
        for contender in self._wanted.contenders:
            if contender.table is None:
                yield contender.name, ""
                continue
            prepare = self._preparing(contender)
            try:
                yield (
                    contender.name,
                    stack.enter_context(filled(self._url, prepare, contender.table, users)),
                )
            except Exception as error:  # noqa: BLE001 - whatever it is belongs into the table
                self._failed(contender.title, users, error)

    def _preparing(self, contender: Contender) -> Callable[[str], str]:
        return lambda url: contender.prepare(self._place(contender, url))

    def _measure(self, users: int, databases: dict[str, str]) -> None:
        with contextlib.ExitStack() as stack:
            lanes = [
                lane
                for contender in self._wanted.contenders
                if contender.name in databases
                for lane in self._lanes(contender, users, databases[contender.name], stack)
            ]
            lanes += self._pgbench(users, stack)
            if users > self._wanted.users[0] and LISTS & {it.name for it in self._wanted.works}:
                lanes += self._fewest(stack)
            self._rounds(users, lanes)

    def _rounds(self, users: int, lanes: Sequence[Lane]) -> None:
        """Measure all lanes of a work one after the other, works in turn, in every round."""
        shuffled = random.Random(0)  # noqa: S311 - which one comes first is no secret
        for number in range(self._wanted.rounds):
            for work in self._wanted.works:
                side = [lane for lane in lanes if lane.work == work.name]
                shuffled.shuffle(side)
                for lane in side:
                    if time.monotonic() > self._end:
                        self.results.failed.append(f"out of time in round {number + 1}")
                        return
                    self._slice(lane, users, number)
            self._tell(f"  round {number + 1} of {self._wanted.rounds}")

    def _slice(self, lane: Lane, users: int, number: int) -> None:
        try:
            if number == 0:
                # What is made at first use is not what is measured.
                lane.slice(users, number, self._wanted.seconds / 4)
            self.results.slices.append(lane.slice(users, number, self._wanted.seconds))
        except (OSError, subprocess.SubprocessError) as error:
            self._failed(f"{lane.contender}, {lane.work}", users, error)

    def _lanes(
        self, contender: Contender, users: int, database_url: str, stack: contextlib.ExitStack
    ) -> list[Lane]:
        place = self._place(contender, database_url)
        try:
            server = stack.enter_context(self._serving(contender, place))
        except (DidNotStart, OSError) as error:
            self._failed(contender.title, users, error)
            return []
        asking = Asking(contender, place.port, users)
        lanes = []
        for work in self._wanted.works:
            try:
                load = asking.load(work)
                if contender.name == OURS and work.name in ("me", "user", "first"):
                    (self._folder / f"{work.name}.json").write_bytes(asking.body(work))
            except (NotThere, OSError, httpx.HTTPError, KeyError, ValueError) as error:
                self.results.left_out[contender.name, work.name] = str(error)
            else:
                measure = partial(loaded, load, server, self._server)
                lanes.append(Lane(contender.name, work.name, measure))
        return lanes

    def _fewest(self, stack: contextlib.ExitStack) -> list[Lane]:
        """Return the lists of this service with the fewest users, beside those of more.

        What a machine does is not the same a quarter of an hour later.
        """
        users = self._wanted.users[0]
        prepare = self._preparing(contender_named(OURS))
        url = stack.enter_context(filled(self._url, prepare, OUR_TABLE, users))
        lanes = self._lanes(contender_named(OURS), users, url, stack)
        return [replace(lane, contender=FEWEST) for lane in lanes if lane.work in LISTS]

    def _pgbench(self, users: int, stack: contextlib.ExitStack) -> list[Lane]:
        if self._wanted.pgbench is None or work_named("me") not in self._wanted.works:
            return []
        url = stack.enter_context(PostgresServer(self._url).empty())
        bench = PgBench(self._wanted.pgbench, url.replace("+psycopg", ""), self._server)
        try:
            bench.prepare()
        except (OSError, subprocess.SubprocessError) as error:
            self._failed("pgbench", users, error)
            return []
        return [Lane("pgbench", "me", bench.measure)]

    def _weigh(self, databases: dict[str, str]) -> None:
        """Measure memory and start of those that log anybody in."""
        for contender in self._wanted.contenders:
            if contender.name not in databases or time.monotonic() > self._end:
                continue
            place = self._place(contender, databases[contender.name])
            try:
                if "login" in contender.api.paths and work_named("login") in self._wanted.works:
                    with self._serving(contender, place) as server:
                        asking = Asking(contender, place.port, self._wanted.users[0])
                        self.results.memory.append(
                            memory_of(contender.name, server, asking, self._wanted.flood_seconds)
                        )
                self.results.starts[contender.name] = [
                    self._start(contender, databases[contender.name])
                    for _ in range(self._wanted.starts)
                ]
            except (DidNotStart, NotThere, OSError, httpx.HTTPError) as error:
                self._failed(contender.title, self._wanted.users[0], error)
        self._tell("  memory and starts")

    def _start(self, contender: Contender, database_url: str) -> float:
        place = self._place(contender, database_url, workers=2)
        return start_of(self._serving(contender, place, frozenset(processors())))

    def _serving(
        self, contender: Contender, place: Place, on: frozenset[int] | None = None
    ) -> contextlib.AbstractContextManager[int]:
        program = Program(
            contender.command(place),
            contender.variables(place),
            on or frozenset({processors()[0]}),
        )
        log = place.folder / f"{contender.name}-{place.port}.log"
        return running(program, log, lambda: answers(place.port, contender.ready))

    def _place(self, contender: Contender, database_url: str, workers: int = 1) -> Place:
        return Place(free_port(), database_url, self._folder, self._wanted.python, workers)

    def _failed(self, who: str, users: int, error: Exception) -> None:
        last = (str(error).strip().splitlines() or [type(error).__name__])[-1]
        self.results.failed.append(f"{who}, {users:,} users: {last[:200]}")
        self._tell(f"  failed: {self.results.failed[-1]}")

    @staticmethod
    def _tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
