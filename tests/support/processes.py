"""Processes of a test's own: commands, and servers that are stopped at the end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from support.canaries import SECRET
from support.paths import READY
from support.smtp import smtp_port

PRODUCTION_SECRETS = {
    "SECRET_KEY": "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br",
    "JWT_SECRET_KEY": "Hn5v_Pz8Uy1CkQa7-MgDw3EjSf6RtLb0XxIo9Vq2",
}
PRODUCTION_MAIL = {
    "MAIL_SENDER": "smtp",
    "MAIL_FROM": "accounts@example.com",
    "PUBLIC_URL": "https://api.example.com",
    "SMTP_HOST": "smtp.example.com",
}
"""What production needs to send mail."""
_COMMAND_SECONDS = 60
_START_SECONDS = 60
_STOP_SECONDS = 60
_KEPT = ("HOME", "LANG", "PATH", "TMPDIR", "VIRTUAL_ENV")


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(**variables: str) -> dict[str, str]:
    """Return `variables` and what any process needs, but nothing else that configures ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith("COVERAGE_")
    }
    return {**kept, **variables}


def environment_for_testing(database_url: str, folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of processes that use that database."""
    return clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="testing",
        TEST_DATABASE_URL=database_url,
        INSTANCE_PATH=str(folder),
        **{
            "LOG_FORMAT": "text",
            "SMTP_PORT": str(smtp_port()),
            "DATABASE_TIMEOUT_SECONDS": "30",  # nothing is refused because this machine is slow
            **variables,
        },
    )


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
def running(
    *arguments: str,
    log: Path,
    is_ready: Callable[[], bool],
    stop_signal: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[None]:
    """Run a server that writes to `log` from when it is ready until the block ends."""
    with log.open("wb") as output:
        server = subprocess.Popen(arguments, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not is_ready():
            if server.poll() is not None or time.monotonic() > deadline:
                message = f"the server did not start:\n{log.read_text(errors='replace')}"
                raise RuntimeError(message)
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(stop_signal)
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(_STOP_SECONDS)
            raise
    told = SECRET.search(log.read_text(errors="replace"))
    assert told is None, f"the server logged a secret: {told}"


@contextlib.contextmanager
def serving(
    *arguments: str,
    folder: Path,
    variables: dict[str, str],
    port: int,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[str]:
    """Run the service in `folder` on that port; yield its URL once it is ready."""
    url = f"http://127.0.0.1:{port}"
    with (
        # A connection that is kept alive would delay the server's end.
        client_of(url, headers={"Connection": "close"}) as client,
        running(
            *arguments,
            log=folder / f"server-{port}.log",
            is_ready=lambda: _answers(client),
            stop_signal=stop_signal,
            cwd=folder,
            env=variables,
        ),
    ):
        yield url


@contextlib.contextmanager
def live_server(
    database_url: str,
    folder: Path,
    *,
    workers: int = 1,
    **variables: str,
) -> Iterator[str]:
    """Run `userapi serve --without-worker` on that database with these variables.

    Yield its URL. Nothing happens that nobody asked for. Its coverage is not measured: that would
    slow it down.
    """
    with _server(database_url, folder, workers, variables, does_jobs=False) as url:
        yield url


@contextlib.contextmanager
def working_server(
    database_url: str,
    folder: Path,
    *,
    workers: int = 1,
    **variables: str,
) -> Iterator[str]:
    """Run `userapi serve` as `live_server` does: it does jobs too."""
    with _server(database_url, folder, workers, variables, does_jobs=True) as url:
        yield url


@contextlib.contextmanager
def _server(
    database_url: str, folder: Path, workers: int, variables: dict[str, str], *, does_jobs: bool
) -> Iterator[str]:
    port = free_port()
    standing = {
        "JWT_ACCESS_TOKEN_EXPIRES": "3600",
        "PORT": str(port),
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": "8",
    }
    environment = environment_for_testing(database_url, folder, **standing | variables)
    command = [sys.executable, "-m", "userapi", "serve"]
    unmeasured = {
        name: value for name, value in environment.items() if not name.startswith("COVERAGE_")
    }
    if not does_jobs:
        command.append("--without-worker")
    with serving(*command, folder=folder, variables=unmeasured, port=port) as url:
        yield url


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started by any of its threads, the oldest first."""
    told = [each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted((int(child) for children in told for child in children.split()), key=_began_at)


def _began_at(pid: int) -> int:
    """Return when a process began; their ids begin anew after the last one."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it has ended
        return 0
    return int(told.rpartition(")")[2].split()[19])


def wait_until(is_so: Callable[[], bool], seconds: float = _START_SECONDS) -> None:
    """Wait for something that is to happen soon."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def client_of(url: str, **options: Any) -> httpx.Client:
    """Return a client of the service at that URL, whatever proxy this machine has."""
    # Nothing here speaks TLS, and a hundred clients would spend their time reading certificates.
    return httpx.Client(base_url=url, trust_env=False, verify=False, **{"timeout": 20, **options})


def _answers(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get(READY).status_code == httpx.codes.OK
    return False
