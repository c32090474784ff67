"""What docs/backups.md tells to do with PostgreSQL's own tools, done."""

import os
import re
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
from sqlalchemy.engine import make_url

from support.accounts import REGISTRATION, Account, log_in, register
from support.applications import application, settings_for_testing
from support.databases import engine_on, migrate
from support.paths import ME
from support.postgres import answers, initialise, privileges_in, reachable_programs
from support.processes import PRODUCTION_SECRETS, free_port, running, wait_until
from support.roles import PASSWORDS, Roles
from userapi.db.roles import DatabaseRoles, RoleNames
from userapi.features import metadata

EMAIL, PASSWORD = REGISTRATION["email"], REGISTRATION["password"]
SECONDS = 60
PAGE = Path(__file__).parents[2] / "docs" / "backups.md"

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
    # Tokens of before a dump are used after it, on a slow machine too.
    variables = {**PRODUCTION_SECRETS, "JWT_ACCESS_TOKEN_EXPIRES": "3600"}
    with application(settings_for_testing(url, folder, **variables)) as app:
        yield app.test_client()


def emails(url: str) -> list[str]:
    return [row[0] for row in execute(url, "SELECT email FROM users ORDER BY id")]


def with_roles(url: str) -> Roles:
    """Make the roles and, where the server has it, the extension of the search index."""
    names = RoleNames("userapi_owner", "userapi_service")
    with engine_on(url) as engine:
        DatabaseRoles(engine=engine, metadata=metadata).apply(names, PASSWORDS)
    if execute(url, "SELECT name FROM pg_available_extensions WHERE name = 'pg_trgm'"):
        execute(url, "CREATE EXTENSION pg_trgm")
    owner, service = (
        make_url(url).set(username=name).render_as_string() for name in (names.owner, names.service)
    )
    return Roles(names, url, owner, service)


def run_userapi(client: FlaskClient, *words: str) -> None:
    result = client.application.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output


def run_printed(cluster: Cluster, program: str, url: str) -> None:
    """Run the lines with that program which the page prints for PostgreSQL without Compose."""
    lines = re.findall(rf"^ {{4}}({program} .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert lines
    subprocess.run(
        ["sh", "-euc", "\n".join(lines)],
        check=True,
        timeout=SECONDS,
        cwd=cluster.home,
        env={"PATH": f"{cluster.programs}:{os.defpath}", "DATABASE_URL": url},
        **cluster.privileges,
    )


@contextmanager
def dumped(cluster: Cluster, name: str, folder: Path) -> Iterator[tuple[Roles, dict[str, str]]]:
    """Dump a database with a user; yield its roles, and the headers of a login from before."""
    data = cluster.home / name
    initialise(cluster.programs, data, cluster.privileges)
    with cluster.serving(data) as url:
        roles = with_roles(url)
        migrate(roles.owner.replace("postgresql", "postgresql+psycopg"))
        with service_on(roles.owner, folder) as owner:
            if execute(url, "SELECT extname FROM pg_extension WHERE extname = 'pg_trgm'"):
                run_userapi(owner, "db", "search-index")
        with service_on(roles.service, folder) as client:
            register(client)
            login = log_in(client, Account(1, EMAIL, PASSWORD))
        run_printed(cluster, "pg_dump", roles.owner)
        yield roles, login


def assert_restored_and_marked(roles: Roles, login: dict[str, str], folder: Path) -> None:
    assert emails(roles.service) == [EMAIL]
    with service_on(roles.owner, folder) as owner, service_on(roles.service, folder) as client:
        assert client.get(ME, headers=login).status_code == 200  # as it was
        run_userapi(owner, "db", "upgrade")
        run_userapi(owner, "db", "mark-restored")
        assert client.get(ME, headers=login).status_code == 401


def test_the_owner_restores_a_dump_and_marks_it(cluster: Cluster, tmp_path: Path) -> None:
    with dumped(cluster, "dumped", tmp_path) as (roles, login):
        with service_on(roles.service, tmp_path) as client:
            register(client, email="later@example.com")

        run_printed(cluster, "pg_restore", roles.owner)

        assert_restored_and_marked(roles, login, tmp_path)


def test_a_superuser_restores_a_dump_whole(cluster: Cluster, tmp_path: Path) -> None:
    with dumped(cluster, "whole", tmp_path) as (roles, login):
        options = ("--clean", "--if-exists", "--single-transaction", f"--dbname={roles.admin}")
        cluster.run("pg_restore", *options, str(cluster.home / "userapi.dump"))

        assert_restored_and_marked(roles, login, tmp_path)


def test_a_dump_is_restored_on_a_new_server(cluster: Cluster, tmp_path: Path) -> None:
    with dumped(cluster, "lost", tmp_path) as (_, login):
        pass
    data = cluster.home / "new"
    initialise(cluster.programs, data, cluster.privileges)
    with cluster.serving(data) as url:
        roles = with_roles(url)

        run_printed(cluster, "pg_restore", roles.owner)

        assert_restored_and_marked(roles, login, tmp_path)


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
        # It can be read before it is there.
        wait_until(lambda: execute(url, "SELECT pg_is_in_recovery()") == [(False,)])
        assert emails(url) == [EMAIL]
