"""A PostgreSQL server that keeps what it has committed, and can be killed, frozen and followed."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from benchmarks.speed.processes import children_of
from support.postgres import initialise, privileges_in, reachable_programs
from support.processes import free_port

_START_SECONDS = 60.0
_LOOK = 0.02
_DATABASE = "userapi"


class Cluster:
    """One server with one database; `data` is where it is on the disk."""

    def __init__(self, home: Path, *options: str, data: Path | None = None) -> None:
        self.home = home
        self.privileges = privileges_in(home)
        self.programs = reachable_programs(home, self.privileges)
        self.data = data or home / "data"
        self.port = free_port()
        self.options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The database as the service is told of it."""
        return self.url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        """One of its databases as the service is told of it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def plain_url(self) -> str:
        """The database as psycopg is told of it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{_DATABASE}"

    def create(self) -> None:
        """Make it and its database, and leave it running."""
        initialise(self.programs, self.data, self.privileges)
        self.start(database="postgres")
        self.execute(f"CREATE DATABASE {_DATABASE}", database="postgres")

    def start(self, *, database: str = _DATABASE) -> None:
        """Start it, and wait until it lets somebody in.

        It is tried again where it ends: one of its processes that was just being made when the
        others were killed ends a moment later, and has their memory until then.
        """
        self.launch()
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(database):
            if time.monotonic() > deadline:
                raise RuntimeError((self.home / "log").read_text(errors="replace")[-2000:])
            time.sleep(_LOOK)
            if self.process.poll() is not None:
                self.launch()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        with (self.home / "log").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program
                [
                    str(self.programs / "postgres"),
                    *("-D", str(self.data), "-p", str(self.port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                    *("-c", "max_connections=100", "-c", "shared_buffers=64MB"),
                    *self.options,
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                **self.privileges,
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The server's first process."""
        if self._process is None:
            message = "it was not started"
            raise RuntimeError(message)
        return self._process

    def everybody(self) -> list[int]:
        """Return all its processes."""
        return [self.process.pid, *children_of(self.process.pid)]

    def kill(self) -> None:
        """Kill all its processes at once."""
        self.signal(signal.SIGKILL)
        self.process.wait(_START_SECONDS)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: fast, or at once with `SIGQUIT`, as `pg_ctl stop -m immediate` does."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(_START_SECONDS)

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to all its processes: `SIGSTOP` freezes it, `SIGCONT` thaws it."""
        for one in self.everybody():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, what)

    def answers(self, database: str = _DATABASE) -> bool:
        """Say whether it lets somebody in."""
        with contextlib.suppress(psycopg.OperationalError):
            self.execute("SELECT 1", database=database)
            return True
        return False

    def execute(self, statement: str, *, database: str = _DATABASE) -> list[tuple[object, ...]]:
        """Run a statement, and return the rows that it has."""
        url = self.plain_url.removesuffix(_DATABASE) + database
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def connections(self) -> int:
        """Return how many connections the service has."""
        counted = self.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'userapi'"
        )
        return int(str(counted[0][0]))


@contextlib.contextmanager
def clusters(home: Path, *options: str) -> Iterator[Cluster]:
    """Run a server with an empty database until the block ends."""
    cluster = Cluster(home, *options)
    try:
        cluster.create()
        yield cluster
    finally:
        if cluster.process.poll() is None:
            cluster.signal(signal.SIGCONT)
            cluster.stop()
