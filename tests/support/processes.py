"""Processes of a test's own: commands, and servers that are stopped at the end."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

PRODUCTION_SECRETS = {
    "SECRET_KEY": "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br",
    "JWT_SECRET_KEY": "Hn5v_Pz8Uy1CkQa7-MgDw3EjSf6RtLb0XxIo9Vq2",
}
_COMMAND_SECONDS = 60
_START_SECONDS = 60
_STOP_SECONDS = 30
_KEPT = ("HOME", "LANG", "PATH", "TMPDIR", "VIRTUAL_ENV")


def clean_environment(**variables: str) -> dict[str, str]:
    """Return `variables` and what any process needs, but nothing else that configures ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith("COVERAGE_")
    }
    return {**kept, **variables}


def run(
    *arguments: str, folder: Path, variables: dict[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program in `folder` until it ends; `typed` is its input."""
    return subprocess.run(
        arguments,
        cwd=folder,
        env=variables,
        input=typed,
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=False,
    )


def run_python(
    *arguments: str, folder: Path, variables: dict[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run this Python in `folder` until it ends."""
    return run(sys.executable, *arguments, folder=folder, variables=variables, typed=typed)


@contextlib.contextmanager
def serving(
    *arguments: str, folder: Path, variables: dict[str, str], port: int
) -> Iterator[httpx.Client]:
    """Run a server in `folder`; yield a client of it once it is ready."""
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            arguments, cwd=folder, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
            _wait_until_ready(server, client, log)
            yield client
    finally:
        _stop(server)


def _wait_until_ready(server: "subprocess.Popen[bytes]", client: httpx.Client, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/health/ready").status_code == 200:
                return
        if server.poll() is not None or time.monotonic() > deadline:
            message = f"the server did not start:\n{log.read_text(errors='replace')}"
            raise RuntimeError(message)
        time.sleep(0.05)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(_STOP_SECONDS)
        raise
