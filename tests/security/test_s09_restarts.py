"""S9: what was revoked or replaced is forgotten when the processes die, and works again.

As in CVE-2026-9802.
"""

import os
import re
import signal
import time
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION, Login
from support.paths import LOGIN, LOGOUT, ME, REFRESH, USERS
from support.processes import client_of, live_server
from support.races import login_in

pytestmark = pytest.mark.any_database

_BOOTED = re.compile(r"Booting worker with pid: (\d+)")
_PROCESSES = 3
_BOOT_SECONDS = 30
_MASTER = re.compile(r"INFO gunicorn\.error (\d+) \[-\] userapi listens on")


def kill_servers(folder: Path) -> None:
    """Kill the processes that wrote the one log in `folder`, without warning."""
    deadline = time.monotonic() + _BOOT_SECONDS
    while len(processes := _processes_in(folder)) < _PROCESSES and time.monotonic() < deadline:
        time.sleep(0.05)  # one may answer while another is still starting
    assert len(processes) == _PROCESSES
    for process in processes:
        os.kill(process, signal.SIGKILL)


def _processes_in(folder: Path) -> list[int]:
    (log,) = folder.glob("server-*.log")
    text = log.read_text("utf-8")
    return [int(found) for pattern in (_MASTER, _BOOTED) for found in pattern.findall(text)]


def log_in(client: httpx.Client) -> Login:
    credentials = {name: REGISTRATION[name] for name in ("email", "password")}
    return login_in(client.post(LOGIN, json=credentials).raise_for_status())


def refresh(client: httpx.Client, login: Login) -> httpx.Response:
    return client.post(REFRESH, headers=login.refresh)


def uses_of(client: httpx.Client, login: Login) -> list[int]:
    """Return what both tokens are answered with."""
    return [
        client.get(ME, headers=login.access).status_code,
        refresh(client, login).status_code,
    ]


def test_s09_old_tokens_stay_dead_after_all_processes_were_killed(
    database_url: str, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    with live_server(database_url, before, workers=2, REFRESH_GRACE_SECONDS="0") as url:
        with client_of(url) as client:
            client.post(USERS, json=REGISTRATION).raise_for_status()
            kept, revoked, replaced = log_in(client), log_in(client), log_in(client)
            newest = login_in(refresh(client, replaced))
            client.post(LOGOUT, headers=revoked.access).raise_for_status()
        kill_servers(before)

    with (
        live_server(database_url, after, workers=2, REFRESH_GRACE_SECONDS="0") as url,
        client_of(url) as client,
    ):
        uses = {"revoked": uses_of(client, revoked), "kept": uses_of(client, kept)}
        code = refresh(client, replaced).json()["code"]
        uses["family"] = uses_of(client, newest)

    assert uses == {"revoked": [401, 401], "kept": [200, 200], "family": [401, 401]}
    assert code == "refresh-token-reused"
