"""What a case is: a fault, what is demanded, and how it is seen."""

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.cluster import Cluster, clusters
from benchmarks.faults.service import Service, serving
from benchmarks.faults.storm import Norms
from support.databases import migrate

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Seen:
    """What a case found: a figure in words, and what it misses of what is demanded."""

    figure: str
    misses: Sequence[str] = ()
    late: Sequence[str] = ()
    """What took longer than it may, which a busy machine is a reason for."""
    acknowledged: int = 0
    in_doubt: int = 0


@dataclass(frozen=True)
class Database:
    """A migrated database; `cluster` is its server, which SQLite has not."""

    url: str
    cluster: Cluster | None = None

    @property
    def server(self) -> Cluster:
        """PostgreSQL's server, in a case that is for PostgreSQL."""
        if self.cluster is None:
            message = "SQLite has no server"
            raise RuntimeError(message)
        return self.cluster


@dataclass(frozen=True)
class Bench:
    """Where a case runs: on which kind of database, in which folder, and whether in short."""

    kind: str
    folder: Path
    ledger: Path
    is_quick: bool = False

    def pick(self, full: int, quick: int) -> int:
        """Return how often something is done."""
        return quick if self.is_quick else full

    @contextlib.contextmanager
    def database(self, *options: str, disk: Path | None = None) -> Iterator[Database]:
        """Yield a migrated database, on that disk; `options` are PostgreSQL's."""
        if self.kind == SQLITE:
            file = (disk or self.folder) / "userapi.sqlite3"
            file.touch()
            migrate(f"sqlite:///{file}")
            yield Database(f"sqlite:///{file}")
            return
        home = disk or self.folder / "postgresql"
        home.mkdir(exist_ok=True)
        with clusters(home, *options) as cluster:
            migrate(cluster.url)
            yield Database(cluster.url, cluster)

    @contextlib.contextmanager
    def service(self, database: Database, *options: str, **settings: str) -> Iterator[Service]:
        """Serve a database until the block ends."""
        with serving(Service(database.url, self.folder, settings, options)) as service:
            yield service


@dataclass(frozen=True)
class Case:
    """A fault, and what is demanded of the service while and after it lasts."""

    name: str
    fault: str
    demand: str
    run: Callable[[Bench], Seen]
    databases: tuple[str, ...] = BOTH
    minutes: float = 5
    quick: tuple[str, ...] = ()
    """On which databases it is among the quick ones."""
    mounts: bool = False
    """Whether it mounts disks of its own, in a namespace of its own."""


@dataclass
class Findings:
    """Gathers what a case sees, in the order in which it is told."""

    told: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    norms: Norms = field(default_factory=Norms)

    def tell(self, what: str) -> None:
        """Add something seen."""
        self.told.append(what)

    def demand(self, what: str, *, holds: bool) -> None:
        """Add something seen, which has to hold."""
        self.told.append(what)
        if not holds:
            self.misses.append(what)

    def within(self, what: str, seconds: float, limit: float) -> None:
        """Add what happened within a time, which has a limit."""
        told = f"{what} within {seconds:.2f} s"
        self.told.append(told)
        if not seconds <= limit:
            (self.late if math.isfinite(seconds) else self.misses).append(told)

    def judge(self, norms: Norms) -> None:
        """Add what was found against N1 to N5."""
        self.norms = norms
        self.misses += norms.misses
        self.late += norms.late

    def seen(self) -> Seen:
        """Return what the case found."""
        return Seen(
            "; ".join(self.told),
            tuple(self.misses),
            tuple(self.late),
            self.norms.acknowledged,
            self.norms.in_doubt,
        )
