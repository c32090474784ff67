"""A real server process group for tests that need real connections."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from support.postgres import free_port

_START_SECONDS = 60
_STOP_SECONDS = 30


@contextlib.contextmanager
def live_server(
    database_url: str, folder: Path, *, workers: int = 1, variables: dict[str, str] | None = None
) -> Iterator[str]:
    """Run `userapi serve` on that database; yield its base URL."""
    port = free_port()
    environment = {
        **os.environ,
        "FLASK_ENV": "testing",
        "TEST_DATABASE_URL": database_url,
        "SECRET_KEY": "T3st0nly-9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "JWT_SECRET_KEY": "T3st0nly-5b4a39281706f5e4d3c2b1a09f8e7d6c",
        "JWT_ACCESS_TOKEN_EXPIRES": "3600",
        "INSTANCE_PATH": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": "8",
        **(variables or {}),
    }
    log = folder / f"server-{port}.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "userapi", "serve"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        base_url = f"http://127.0.0.1:{port}"
        _wait_until_ready(server, base_url, log)
        yield base_url
    finally:
        server.terminate()
        server.wait(_STOP_SECONDS)


def _wait_until_ready(server: "subprocess.Popen[bytes]", base_url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{base_url}/health/ready", timeout=5).status_code == 200:
                return
        if server.poll() is not None or time.monotonic() > deadline:
            message = f"the server did not start:\n{log.read_text(errors='replace')}"
            raise RuntimeError(message)
        time.sleep(0.05)
