"""The head of an answer is the one that gunicorn would send, but for the name of the server."""

from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http import wsgi

from userapi.web.server.answering import Answer, Response

pytestmark = pytest.mark.any_database

NAMES: list[Any] = [
    "X-Own", "x-own", "Content-Length", "content-length", "CONNECTION", "Connection", "Upgrade",
    "Transfer-Encoding", "Keep-Alive", "Server", "Date", "", "X Own", "X-Own:", "X-Own\n", "\xe4",
    b"X-Own", None, 1, "X-\u0130",
]  # fmt: skip
VALUES: list[Any] = [
    "plain", " \tplain\t ", "7", "upgrade", "websocket", "", "\xe4", "\u20ac", "a\r\nB: c", "a\nb",
    "a\x00", "\x7f", b"bytes", None, 7,
]  # fmt: skip
STATUSES = ["200 OK", "204 No Content", "304 Not Modified", "404 Not Found", "500 x"]


def response_of(kind: type[wsgi.Response], method: str = "GET", *, is_leaving: bool = False) -> Any:
    request = SimpleNamespace(method=method, version=(1, 1), should_close=lambda: False)
    worker = SimpleNamespace(is_leaving=is_leaving)
    arguments = (worker,) if kind is Response else ()
    return kind(request, Answer(), Config(), *arguments)


def outcome(response: Any, status: str, headers: list[tuple[Any, Any]]) -> object:
    """Return the lines that a head has, or how it is refused."""
    try:
        response.start_response(status, headers)
        response.send_headers()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is to be the same
        return type(error), str(error)
    head = b"".join(map(bytes, response.sock.pieces())).decode("latin-1")
    return [line for line in head.split("\r\n") if not line.startswith(("Server: guni", "Date: "))]


@pytest.mark.parametrize("name", NAMES)
def test_a_header_is_sent_left_out_or_refused_as_by_gunicorn(name: Any) -> None:
    for value in VALUES:
        headers = [("X-First", "1"), (name, value), ("X-Last", "2")]

        ours = outcome(response_of(Response), "200 OK", headers)

        assert ours == outcome(response_of(wsgi.Response), "200 OK", headers)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("length", [[], [("Content-Length", "2")]])
@pytest.mark.parametrize("status", STATUSES)
def test_a_body_is_framed_as_by_gunicorn(
    status: str, length: list[tuple[str, str]], method: str
) -> None:
    ours = outcome(response_of(Response, method), status, length)

    assert ours == outcome(response_of(wsgi.Response, method), status, length)


def test_a_name_that_was_refused_is_refused_again() -> None:
    refusals = {str(outcome(response_of(Response), "200 OK", [("X Own", "x")])) for _ in range(3)}

    assert len(refusals) == 1
    assert "InvalidResponseHeaderName" in refusals.pop()


def test_a_server_that_stops_says_so_in_the_head() -> None:
    assert "Connection: close" in str(outcome(response_of(Response, is_leaving=True), "200 OK", []))


@pytest.mark.parametrize(
    ("now", "date"),
    [
        (784111777.0, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (784111777.9, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (784111778.0, "Sun, 06 Nov 1994 08:49:38 GMT"),
    ],
)
def test_the_date_is_that_of_the_second(
    now: float, date: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: now)
    response = response_of(Response)
    response.start_response("204 No Content", [])

    assert f"Date: {date}\r\n" in response.default_headers()
