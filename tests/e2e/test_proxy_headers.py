"""What a client says of itself in headers that only proxies may send, to a real server."""

from pathlib import Path

import pytest

from support.databases import on_sqlite
from support.paths import LIVE
from support.processes import client_of, live_server

pytestmark = pytest.mark.system

CLAIMS = [
    {"SCRIPT_NAME": "/health"},
    {"PATH_INFO": "/nowhere"},
    {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"},
    {"X-Forwarded-For": '"'},
]


@on_sqlite
def test_gunicorn_believes_no_client(database_url: str, tmp_path: Path) -> None:
    with live_server(database_url, tmp_path) as url, client_of(url) as client:
        statuses = [client.get(LIVE, headers=claim).status_code for claim in CLAIMS]

    assert statuses == [200] * len(CLAIMS)


@on_sqlite
def test_the_access_log_shows_the_client(database_url: str, tmp_path: Path) -> None:
    with (
        live_server(database_url, tmp_path, TRUSTED_PROXIES="1") as url,
        client_of(url) as client,
    ):
        client.get(LIVE, headers={"X-Forwarded-For": "198.51.100.9, 203.0.113.7"})

    (log,) = tmp_path.glob("server-*.log")
    assert f'203.0.113.7 "GET {LIVE}" 200' in log.read_text(encoding="utf-8")


@on_sqlite
def test_no_request_writes_lines_of_its_own(database_url: str, tmp_path: Path) -> None:
    path = "/%0A1.2.3.4%20%1B%5B31m%C2%85%E2%80%A8"
    headers = {"X-Request-Id": "somebody-else's"}
    with live_server(database_url, tmp_path) as url, client_of(url) as client:
        answer = client.get(path, headers=headers)

    name = answer.headers["X-Request-Id"]
    (log,) = tmp_path.glob("server-*.log")
    text = log.read_text(encoding="utf-8")
    (line,) = [line for line in text.split("\n") if name in line]
    assert f'"GET {path}" 404' in line
    assert line.endswith(f"{name} somebody-else%27s")
    assert [line for line in text.split("\n") if not line.isprintable()] == []
