"""haproxy in front of the service, as deploy/haproxy/haproxy.cfg has it, without TLS."""

import contextlib
import csv
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.processes import free_port, running

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy" / "haproxy.cfg"
BACKEND = "userapi"
SERVED_BY = "X-Served-By"
"""The header in which answers name the server that they are from."""
_NEEDED = "haproxy is missing; install it, then run make test-system"
_SECONDS = 5


@dataclass(frozen=True)
class HAProxy:
    """A running haproxy: where it listens, and its word on the servers behind it."""

    url: str
    admin: Path

    def admit(self, server: str) -> None:
        """Send requests to that server whenever its health checks succeed."""
        self._tell(f"set server {BACKEND}/{server} state ready")

    def drain(self, server: str) -> None:
        """Send no more requests to that server; those under way go on."""
        self._tell(f"set server {BACKEND}/{server} state drain")

    def status(self, server: str) -> str:
        """Return what haproxy calls the server's state, such as `UP` or `DOWN`."""
        return self._row(server)["status"]

    def requests_at(self, server: str) -> int:
        """Return how many requests that server has under way."""
        return int(self._row(server)["scur"])

    def _row(self, server: str) -> dict[str, str]:
        shown = self._tell("show stat").removeprefix("# ")
        rows = csv.DictReader(shown.splitlines())
        return next(row for row in rows if (row["pxname"], row["svname"]) == (BACKEND, server))

    def _tell(self, command: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(self.admin))
            connection.sendall(f"{command}\n".encode())
            with connection.makefile("r") as answer:
                return answer.read()


def haproxy_program() -> str:
    """Return where haproxy is."""
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_NEEDED)
    return str(program)


@contextlib.contextmanager
def haproxy_before(ports: Mapping[str, int], folder: Path) -> Iterator[HAProxy]:
    """Run haproxy before servers on these ports, by their names, of which none need be there yet.

    It repeats nothing: a connection that a server refuses is a request that failed.
    """
    port, admin, program = free_port(), folder / "haproxy.sock", haproxy_program()
    configuration = folder / "haproxy.cfg"
    configuration.write_text(configuration_for(port, admin, ports), encoding="utf-8")
    with running(
        *(program, "-db", "-f", str(configuration)),
        log=folder / "haproxy.log",
        is_ready=lambda: _listens(port) and admin.exists(),
    ):
        yield HAProxy(f"http://127.0.0.1:{port}", admin)


def configuration_for(port: int, admin: Path, ports: Mapping[str, int]) -> str:
    """Return the shipped configuration with other addresses, without privileges and retries."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for pattern, put in (
        (r"^frontend plain\n(?:    .*\n)+\n", ""),
        (r"bind :443 .*", f"bind 127.0.0.1:{port}"),
        (r"^    (?:chroot|user|group|ssl-default-bind-\S+) .*\n", ""),
        (r"log /dev/log local0", "log stdout format raw local0"),
        (r"stats socket /run/haproxy/admin.sock mode 660", f"stats socket {admin} mode 600"),
        (r"retry-on conn-failure", "retry-on none"),
        (r"retries 2", "retries 0"),
        (r"^    option redispatch 1\n", f"    http-response set-header {SERVED_BY} %s\n"),
        (r"^    server one .*\n    server two .*\n", _servers(ports)),
    ):
        text, found = re.subn(pattern, put, text, flags=re.MULTILINE)
        assert found, f"{CONFIGURATION.name} has no {pattern}"
    return text


def _servers(ports: Mapping[str, int]) -> str:
    return "".join(f"    server {name} 127.0.0.1:{port}\n" for name, port in ports.items())


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
