"""What was replaced or ended stays so when every server process is killed, and others start."""

import os
import re
import signal
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION, Login
from support.paths import LOGIN, LOGOUT, ME, REFRESH, USERS
from support.processes import client_of, live_server
from support.races import login_in

_BOOTED = re.compile(r"Booting worker with pid: (\d+)")
_MASTER = re.compile(r"\[(\d+)\] \[INFO\] Listening at")


def kill_servers(folder: Path) -> None:
    """Kill the processes that wrote the one log in `folder`, without warning."""
    (log,) = folder.glob("server-*.log")
    text = log.read_text("utf-8")
    processes = [int(found) for pattern in (_MASTER, _BOOTED) for found in pattern.findall(text)]
    assert len(processes) == 3
    for process in processes:
        os.kill(process, signal.SIGKILL)


def log_in(client: httpx.Client) -> Login:
    credentials = {name: REGISTRATION[name] for name in ("email", "password")}
    return login_in(client.post(LOGIN, json=credentials).raise_for_status())


def refresh(client: httpx.Client, login: Login) -> httpx.Response:
    return client.post(REFRESH, headers=login.refresh)


def read(client: httpx.Client, login: Login) -> httpx.Response:
    return client.get(ME, headers=login.access)


@pytest.mark.race
def test_old_tokens_are_still_refused(database_url: str, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    with live_server(database_url, before, workers=2, REFRESH_GRACE_SECONDS="0") as url:
        with client_of(url) as client:
            client.post(USERS, json=REGISTRATION).raise_for_status()
            kept, ended, old = log_in(client), log_in(client), log_in(client)
            new = login_in(refresh(client, old))
            client.post(LOGOUT, headers=ended.access).raise_for_status()
        kill_servers(before)

    with (
        live_server(database_url, after, workers=2, REFRESH_GRACE_SECONDS="0") as url,
        client_of(url) as client,
    ):
        statuses = {
            "ended": {read(client, ended).status_code, refresh(client, ended).status_code},
            "kept": {read(client, kept).status_code, refresh(client, kept).status_code},
        }
        code = refresh(client, old).json()["code"]
        statuses["family"] = {read(client, new).status_code, refresh(client, new).status_code}

    assert statuses == {"ended": {401}, "kept": {200}, "family": {401}}
    assert code == "refresh-token-reused"
