"""Bodies that a client holds back from a real server; no account takes part."""

import threading
import time
from collections.abc import Callable, Iterator
from socket import SHUT_WR, socket

import pytest

from support.databases import on_sqlite
from support.paths import LIVE, LOGIN
from support.processes import client_of, live_server
from support.sockets import RawAnswer, connection_to, raw_answer
from userapi.web.problem_schemas import ProblemSchema
from web.callers import cases

SECONDS = 2
_SLACK = 1.5

BODY = b'{"email": "ada@example.com", "password": "correct horse"}'
DECLARED = f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:-1]
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n" + f"{len(BODY):x}\r\n".encode() + BODY[:-1]
HELD_BACK = {
    "declared": f"POST {LOGIN} HTTP/1.1\r\n".encode() + DECLARED,
    "chunked": f"POST {LOGIN} HTTP/1.1\r\n".encode() + CHUNKED,
    "of-an-operation-that-takes-none": f"GET {LIVE} HTTP/1.1\r\n".encode() + DECLARED,
    "for-no-operation": b"POST /nowhere HTTP/1.1\r\n" + DECLARED,
}


@pytest.fixture(scope="module")
def url(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that waits two seconds for a body."""
    folder = tmp_path_factory.mktemp("slow")
    with live_server(template_url, folder, BODY_TIMEOUT_SECONDS=str(SECONDS)) as base_url:
        yield base_url


def timed_answer(
    url: str, request: bytes, drip: Callable[[socket], None]
) -> tuple[RawAnswer, float]:
    """Send what there is of a request; return the answer, and after how many seconds it came."""
    connection = connection_to(url)
    line, rest = request.split(b"\r\n", 1)
    connection.sendall(line + b"\r\nHost: api\r\nContent-Type: application/json\r\n" + rest)
    began = time.monotonic()
    thread = threading.Thread(target=drip, args=(connection,))
    thread.start()
    answer = raw_answer(connection)
    seconds = time.monotonic() - began
    thread.join()
    return answer, seconds


def nothing(_: socket) -> None:
    """Send no more."""


def trickle(connection: socket) -> None:
    """Send a byte now and then, for longer than the server waits."""
    try:
        for _ in range(4 * SECONDS):
            time.sleep(0.5)
            connection.sendall(b" ")
    except OSError:
        return


@on_sqlite
@cases(HELD_BACK)
def test_a_body_that_does_not_end_is_refused_at_the_deadline(url: str, case: bytes) -> None:
    answer, seconds = timed_answer(url, case, nothing)

    problem = answer.json()
    assert (answer.status, problem["code"]) == (408, "request-timeout")
    assert ProblemSchema().validate(problem) == {}
    assert answer.headers["Connection"] == "close"
    assert SECONDS - 0.1 < seconds < SECONDS + _SLACK


@on_sqlite
def test_a_body_that_drips_in_is_refused_at_the_same_deadline(url: str) -> None:
    head = f"POST {LOGIN} HTTP/1.1\r\nContent-Length: 1000\r\n\r\n".encode()

    answer, seconds = timed_answer(url, head, trickle)

    assert (answer.status, answer.json()["code"]) == (408, "request-timeout")
    assert seconds < SECONDS + _SLACK


@on_sqlite
def test_chunks_that_drip_in_are_refused_at_the_same_deadline(url: str) -> None:
    def trickle_chunks(connection: socket) -> None:
        try:
            for _ in range(4 * SECONDS):
                time.sleep(0.5)
                connection.sendall(b"1\r\n \r\n")
        except OSError:
            return

    head = f"POST {LOGIN} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

    answer, seconds = timed_answer(url, head, trickle_chunks)

    assert (answer.status, answer.json()["code"]) == (408, "request-timeout")
    assert seconds < SECONDS + _SLACK


@on_sqlite
def test_a_body_that_comes_late_but_in_time_is_read(url: str) -> None:
    def finish(connection: socket) -> None:
        time.sleep(0.5)
        connection.sendall(BODY[-1:])

    answer, _ = timed_answer(url, HELD_BACK["declared"], finish)

    assert (answer.status, answer.json()["code"]) == (401, "invalid-credentials")


@on_sqlite
def test_a_connection_that_is_kept_has_a_new_deadline_for_each_request(url: str) -> None:
    with client_of(url) as client:
        statuses = []
        for _ in range(3):
            statuses.append(client.post(LIVE, json={}).status_code)
            time.sleep(SECONDS / 2)

    assert statuses == [405] * 3


@on_sqlite
def test_a_body_that_breaks_off_is_refused(url: str) -> None:
    def break_off(connection: socket) -> None:
        connection.shutdown(SHUT_WR)

    answer, seconds = timed_answer(url, HELD_BACK["declared"], break_off)

    assert (answer.status, answer.json()["code"]) == (400, "bad-request")
    assert seconds < SECONDS
