"""PostgreSQL under Patroni: hosts on loopback, of which one is the primary, and their etcd."""

import contextlib
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.cluster.programs import Program, program, shipped
from benchmarks.faults.service import is_alive, seconds_until
from benchmarks.speed.processes import children_of
from support.postgres import privileges_in, reachable_programs
from support.processes import clean_environment, free_port

SCOPE = "userapi"
SUPERUSER, PASSWORD = "postgres", "change-this-1"
_SECONDS = 60.0
_OK = 200
_SWITCHED = "Successfully switched over"
_CONFIRMING = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"


class Etcd:
    """Where Patroni's hosts agree on who is the primary."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        own, peers = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{free_port()}"
        command = [program("etcd"), "--name=dcs", f"--data-dir={home}/etcd", "--log-level=warn"]
        command += [f"--listen-client-urls={own}", f"--advertise-client-urls={own}"]
        command += [f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}"]
        command += [f"--initial-cluster=dcs={peers}", "--logger=zap"]
        self.program = Program(command, home / "etcd.log", lambda: _status(f"{own}/health") == _OK)


class Host:
    """A host of the database: Patroni, and the PostgreSQL that it runs."""

    def __init__(self, name: str, home: Path, etcd: Etcd) -> None:
        home.mkdir()
        self.name = name
        self.port, self.api = free_port(), free_port()
        self.data = home / "data"
        self.log = home / "patroni.log"
        privileges = privileges_in(home)
        self.configuration = home / "patroni.yml"
        self.configuration.write_text(
            self._configured(home, reachable_programs(home, privileges), etcd), encoding="utf-8"
        )
        command = [program("patroni"), str(self.configuration)]
        self.program = Program(command, self.log, self.is_running, cwd=home, **privileges)

    def is_running(self) -> bool:
        """Say whether PostgreSQL runs, as the primary or as a standby."""
        return _status(f"{self._url}/readiness") == _OK

    def is_primary(self) -> bool:
        """Say whether it is the primary."""
        return _status(f"{self._url}/primary") == _OK

    def is_confirmed(self) -> bool:
        """Say whether it is the primary, and another confirms each commit."""
        with contextlib.suppress(psycopg.Error):
            return self.is_primary() and bool(self.execute(_CONFIRMING))
        return False

    def kill_postgres(self) -> None:
        """Kill PostgreSQL, all its processes."""
        postmaster = self._postmaster()
        if postmaster is None:
            return
        for one in (postmaster, *children_of(postmaster)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        seconds_until(lambda: not is_alive(postmaster), _SECONDS)

    def kill(self) -> None:
        """Kill Patroni, and PostgreSQL."""
        self.program.kill()
        self.kill_postgres()

    def destroy(self) -> None:
        """End both, one way or the other."""
        self.program.stop()
        self.kill_postgres()

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement, and return the rows that it has."""
        url = f"postgresql://{SUPERUSER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.api}"

    def _postmaster(self) -> int | None:
        """Return PostgreSQL's first process, which is no child of Patroni."""
        with contextlib.suppress(OSError, ValueError):
            number = int((self.data / "postmaster.pid").read_text().split()[0])
            # The number may be somebody else's by now.
            where = Path(f"/proc/{number}/cwd").resolve()
            return number if where == self.data.resolve() and is_alive(number) else None
        return None

    def _configured(self, home: Path, programs: Path, etcd: Etcd) -> str:
        changes = {
            r"^name: one$": f"name: {self.name}",
            r"10\.0\.0\.11:8008": f"127.0.0.1:{self.api}",
            r"10\.0\.0\.11:5432": f"127.0.0.1:{self.port}",
            r"10\.0\.0\.21:2379": f"127.0.0.1:{etcd.port}",
            r"data_dir: .*": f"data_dir: {self.data}",
            r"bin_dir: .*": f"bin_dir: {programs}",
            r"pgpass: .*": f"pgpass: {home}/pgpass",
            r"unix_socket_directories: .*": "unix_socket_directories: ''",
        }
        return shipped("patroni/patroni.yml", changes)


class Patroni:
    """Two hosts; one is the primary, the other confirms each commit."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.etcd = Etcd(home)
        self.hosts = [Host(name, home / name, self.etcd) for name in ("one", "two")]

    def start(self) -> None:
        """Start it all, and wait until a standby confirms."""
        self.etcd.program.start()
        for host in self.hosts:
            host.program.start()
        self.wait_until_whole()

    def stop(self) -> None:
        """End it all; the standby first."""
        with contextlib.ExitStack() as stack:
            stack.callback(self.etcd.program.stop)
            for host in sorted(self.hosts, key=Host.is_primary, reverse=True):
                stack.callback(host.destroy)

    @property
    def primary(self) -> Host:
        """The host that takes writes."""
        return next(host for host in self.hosts if host.is_primary())

    @property
    def standby(self) -> Host:
        """The other one."""
        primary = self.primary
        return next(host for host in self.hosts if host is not primary)

    def is_whole(self) -> bool:
        """Say whether there is a primary, and a standby that confirms."""
        return any(host.is_confirmed() for host in self.hosts)

    def wait_until_whole(self) -> float:
        """Wait until there are both; return how long it took."""
        return seconds_until(self.is_whole, _SECONDS)

    def switch_over(self) -> None:
        """Have the standby and the primary change their places, as an operator does."""
        here, there = self.primary, self.standby
        command = [program("patronictl"), "-c", str(here.configuration), "switchover", SCOPE]
        command += ["--leader", here.name, "--candidate", there.name, "--force"]
        ended = subprocess.run(  # noqa: S603 - what Debian brings
            command,
            env=clean_environment(LC_ALL="C.UTF-8"),
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        # Its status is 0 when it was refused, too.
        if ended.returncode or _SWITCHED not in ended.stdout:
            raise RuntimeError(ended.stdout + ended.stderr)

    def url(self, user: str, password: str, database: str) -> str:
        """Return the URL of whichever host may be written to, or read from, as it is asked for."""
        hosts = ",".join(f"127.0.0.1:{host.port}" for host in self.hosts)
        return f"postgresql://{user}:{password}@{hosts}/{database}"


@contextlib.contextmanager
def patroni(home: Path) -> Iterator[Patroni]:
    """Run Patroni's hosts until the block ends."""
    hosts = Patroni(home)
    try:
        hosts.start()
        yield hosts
    finally:
        hosts.stop()


def _status(url: str) -> int | None:
    """Return the status of an answer, None without one."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError):
        return None
