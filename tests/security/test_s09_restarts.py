"""S9: what was revoked is forgotten when the processes die, and works again.

As in CVE-2026-9802.
"""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx

from support.accounts import PASSWORD, REGISTRATION, Login, bearer
from support.paths import LOGIN, LOGOUT, ME, REFRESH, USERS
from support.processes import client_of, environment_for_testing, free_port, running


@contextlib.contextmanager
def killable_server(database_url: str, folder: Path) -> Iterator[tuple[httpx.Client, int]]:
    """Run two server processes; yield a client and the id of the group that they are in."""
    port = free_port()
    pid_file = folder / f"{port}.pid"
    variables = environment_for_testing(
        database_url,
        folder,
        PORT=str(port),
        WEB_CONCURRENCY="2",
        JWT_ACCESS_TOKEN_EXPIRES="3600",
        GUNICORN_CMD_ARGS=f"--pid={pid_file}",
    )
    with (
        client_of(f"http://127.0.0.1:{port}") as client,
        running(
            *(sys.executable, "-m", "userapi", "serve"),
            log=folder / f"{port}.log",
            is_ready=lambda: pid_file.exists() and listens(port),
            cwd=folder,
            env=variables,
            start_new_session=True,
        ),
    ):
        yield client, int(pid_file.read_text())


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def log_in(client: httpx.Client) -> Login:
    tokens = client.post(LOGIN, json={"email": REGISTRATION["email"], "password": PASSWORD}).json()
    return Login(access=bearer(tokens["access_token"]), refresh=bearer(tokens["refresh_token"]))


def uses_of(client: httpx.Client, login: Login) -> list[int]:
    """Return what both tokens are answered with."""
    return [
        client.get(ME, headers=login.access).status_code,
        client.post(REFRESH, headers=login.refresh).status_code,
    ]


def test_s09_a_revoked_session_stays_revoked_after_all_processes_were_killed(
    database_url: str, tmp_path: Path
) -> None:
    with killable_server(database_url, tmp_path) as (client, group):
        client.post(USERS, json=REGISTRATION | {"password": PASSWORD})
        revoked, kept = log_in(client), log_in(client)
        client.post(LOGOUT, headers=revoked.access)
        os.killpg(group, signal.SIGKILL)

    with killable_server(database_url, tmp_path) as (client, _):
        assert uses_of(client, revoked) == [401, 401]
        assert uses_of(client, kept) == [200, 200]
