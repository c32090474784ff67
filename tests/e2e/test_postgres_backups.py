"""What docs/backups.md tells to do with PostgreSQL's own tools, done."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from support.accounts import REGISTRATION, Account, log_in, register
from support.applications import application, settings_for_testing
from support.databases import migrate
from support.paths import ME
from support.postgres import answers, initialise, privileges_in, reachable_programs
from support.processes import PRODUCTION_SECRETS, free_port, running

EMAIL, PASSWORD = REGISTRATION["email"], REGISTRATION["password"]
SECONDS = 60

pytestmark = pytest.mark.system


@dataclass(frozen=True)
class Cluster:
    """PostgreSQL's programs, and a folder for data of theirs."""

    home: Path
    programs: Path
    privileges: dict[str, Any]

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            check=True,
            capture_output=True,
            timeout=SECONDS,
            cwd="/",
            **self.privileges,
        )

    @contextmanager
    def serving(self, data: Path, *options: str) -> Iterator[str]:
        """Run a server on data; yield the URL of its database, without a driver."""
        port = free_port()
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        with running(
            str(self.programs / "postgres"),
            *("-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1"),
            *("-c", "unix_socket_directories=", "-F", *options),
            log=self.home / f"log-{port}",
            is_ready=lambda: answers(url),
            cwd="/",
            stop_signal=signal.SIGINT,
            **self.privileges,
        ):
            yield url


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # Not in pytest's own folder, which the user that runs PostgreSQL may not enter.
    with tempfile.TemporaryDirectory(prefix="userapi-cluster-") as folder:
        home = Path(folder)
        privileges = privileges_in(home)
        yield Cluster(home, reachable_programs(home, privileges), privileges)


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def service_on(url: str, folder: Path) -> Iterator[FlaskClient]:
    with application(settings_for_testing(url, folder, **PRODUCTION_SECRETS)) as app:
        yield app.test_client()


def emails(url: str) -> list[str]:
    return [row[0] for row in execute(url, "SELECT email FROM users ORDER BY id")]


def test_a_dump_is_restored_and_marked(cluster: Cluster, tmp_path: Path) -> None:
    data, dump = cluster.home / "dumped", cluster.home / "userapi.dump"
    initialise(cluster.programs, data, cluster.privileges)
    with cluster.serving(data) as url:
        migrate(url.replace("postgresql", "postgresql+psycopg"))
        with service_on(url, tmp_path) as client:
            register(client)
            login = log_in(client, Account(1, EMAIL, PASSWORD))
        cluster.run("pg_dump", "--format=custom", f"--file={dump}", url)
        with service_on(url, tmp_path) as client:
            register(client, email="later@example.com")

        cluster.run(
            "pg_restore", "--clean", "--if-exists", "--single-transaction", "-d", url, str(dump)
        )

        assert emails(url) == [EMAIL]
        with service_on(url, tmp_path) as client:
            assert client.get(ME, headers=login).status_code == 200  # as it was
            result = client.application.test_cli_runner().invoke(args=["db", "mark-restored"])
            assert result.exit_code == 0, result.output
            assert client.get(ME, headers=login).status_code == 401


def test_a_database_goes_back_to_a_moment(cluster: Cluster, tmp_path: Path) -> None:
    data, base, archive = (cluster.home / name for name in ("data", "base", "archive"))
    initialise(cluster.programs, data, cluster.privileges)
    archiving = (
        *("-c", "archive_mode=on", "-c", "wal_level=replica"),
        *("-c", f"archive_command=mkdir -p {archive} && cp %p {archive}/%f"),
    )
    with cluster.serving(data, *archiving) as url:
        migrate(url.replace("postgresql", "postgresql+psycopg"))
        cluster.run("pg_basebackup", f"--pgdata={base}", "--checkpoint=fast", f"--dbname={url}")
        with service_on(url, tmp_path) as client:
            register(client)
            time.sleep(0.1)  # apart from what follows by more than the clock's last digit
            ((moment,),) = execute(url, "SELECT clock_timestamp()::text")
            register(client, email="mistake@example.com")
        execute(url, "SELECT pg_switch_wal()")

    recovering = (
        *("-c", f"restore_command=cp {archive}/%f %p"),
        *("-c", f"recovery_target_time={moment}", "-c", "recovery_target_action=promote"),
    )
    (base / "recovery.signal").touch()
    with cluster.serving(base, *recovering) as url:
        assert emails(url) == [EMAIL]
