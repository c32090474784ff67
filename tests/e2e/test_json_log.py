"""The log of a live server in JSON: each line is an object that says what it is about."""

import json
import socket
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.accounts import REGISTRATION, bearer
from support.canaries import SECRET
from support.databases import on_sqlite
from support.paths import LOGIN, ME, REFRESH, USERS
from support.processes import client_of, working_server

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = {
    "traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01",
    "X-Request-Id": "order-66",
    "User-Agent": "secret-agent",
}
HOSTILE = "/%0A%7B%22level%22%3A%22INFO%22%7D%1B%5B31m%C2%9B%E2%80%AE"


def use(url: str) -> None:
    """Do as a client does, and as one does that wants to be seen in the log."""
    with client_of(url) as client:
        client.post(USERS, json=REGISTRATION)
        login = {name: REGISTRATION[name] for name in ("email", "password")}
        tokens = client.post(LOGIN, json=login).json()
        own = bearer(tokens["access_token"]) | TRACED
        client.get(ME, headers=own, params={"token": tokens["access_token"]})
        client.post(REFRESH, headers=bearer(tokens["refresh_token"]))
        client.get(HOSTILE, headers={"X-Request-Id": '"}'})
    with socket.create_connection(urlsplit(url)[1].split(":")) as connection:  # type: ignore[arg-type] # host and port
        connection.sendall(b"GET / nonsense\r\n\r\n")
        while connection.recv(1000):
            pass


@pytest.fixture(scope="module")
def lines(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines of the log from the start of a server to its end."""
    folder = tmp_path_factory.mktemp("json")
    with working_server(module_database_url, folder, LOG_FORMAT="json") as url:
        use(url)
    (log,) = folder.glob("server-*.log")
    return log.read_text("utf-8").split("\n")[:-1]


def records_of(lines: list[str], **facts: Any) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in lines]
    return [it for it in records if facts.items() <= it.items()]


@on_sqlite
def test_every_line_is_an_object_with_a_time(lines: list[str]) -> None:
    records = records_of(lines)

    assert [line for line in lines if not line.isprintable()] == []
    assert all(
        {"time", "level", "logger", "process", "message"} <= record.keys() for record in records
    )
    assert all(datetime.fromisoformat(record["time"]).tzname() == "UTC" for record in records)
    assert {record["logger"] for record in records} >= {"gunicorn.access", "gunicorn.error"}


@on_sqlite
def test_a_request_is_told_with_all_that_is_known_of_it(lines: list[str]) -> None:
    (record,) = records_of(lines, client_request_id="order-66")

    assert {name: type(record[name]) for name in ("bytes", "duration_ms", "user_id")} == {
        "bytes": int,
        "duration_ms": float,
        "user_id": int,
    }
    assert len(record["session_id"]) == 36
    assert len(record["request_id"]) == 32
    assert record["message"] == f"GET {ME}"
    told = ("method", "path", "operation", "status", "client", "trace_id")
    assert [record[name] for name in told] == [
        *("GET", ME, "get_current_user", 400, "127.0.0.1", TRACE_ID)
    ]


@on_sqlite
def test_what_was_refused_unread_is_told_too(lines: list[str]) -> None:
    (record,) = records_of(lines, logger="gunicorn.error", level="WARNING")

    assert record["message"].startswith("Request from 127.0.0.1 refused: ")
    assert len(record["request_id"]) == 32


@on_sqlite
def test_nothing_of_a_client_is_told_that_may_be_secret(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert SECRET.search(text) is None
    assert REGISTRATION["email"] not in text
    assert "secret-agent" not in text
    assert "?" not in text
