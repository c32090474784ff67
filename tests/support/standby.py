"""A PostgreSQL server of a test's own with a standby that follows it."""

import contextlib
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from support.folders import memory_folder
from support.postgres import privileges_in, reachable_programs
from support.processes import free_port, running, wait_until


@dataclass(frozen=True)
class Standby:
    """Follows a server, until it is told not to; `url` has no database's name."""

    url: str

    def hold(self) -> None:
        """Follow no further for now."""
        self._execute("SELECT pg_wal_replay_pause()")
        wait_until(lambda: self._execute("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def follow(self) -> None:
        """Follow again."""
        self._execute("SELECT pg_wal_replay_resume()")

    def catch_up(self, server_url: str) -> None:
        """Wait until it has all that its server has."""
        with psycopg.connect(f"{server_url}/postgres", autocommit=True) as connection:
            row = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        assert row is not None
        has_all = f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"
        wait_until(lambda: bool(self._execute(has_all)))

    def _execute(self, statement: str) -> object:
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            row = connection.execute(statement.encode()).fetchone()
        return None if row is None else row[0]


@contextlib.contextmanager
def standby_of(server_url: str) -> Iterator[Standby]:
    """Run a standby of the server at that URL, which has no database's name."""
    with tempfile.TemporaryDirectory(prefix="userapi-standby-", dir=memory_folder()) as folder:
        home = Path(folder)
        privileges = privileges_in(home)
        programs, data, port = reachable_programs(home, privileges), home / "data", free_port()
        subprocess.run(
            [
                str(programs / "pg_basebackup"),
                *("-d", server_url, "-D", str(data), "-R", "--checkpoint=fast", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            timeout=120,
            cwd="/",
            **privileges,
        )
        standby = Standby(f"postgresql://postgres@127.0.0.1:{port}")
        with running(
            str(programs / "postgres"),
            *("-D", str(data), "-p", str(port), "-F", "-c", "max_connections=200"),
            *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
            log=home / "log",
            is_ready=lambda: answers(standby.url),
            stop_signal=signal.SIGINT,
            cwd="/",
            **privileges,
        ):
            yield standby


def answers(url: str) -> bool:
    """Say whether the server at that URL answers."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(f"{url}/postgres"):
        return True
    return False
