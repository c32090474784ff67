"""Clients that take their time, and those beside them."""

import contextlib
import errno
import gc
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from gunicorn.http.message import Request

from support.sockets import connection_from, connection_to, raw_answer
from userapi.web.server.connection import Connection
from web.callers import cases
from web.server.serving import Told, serving

pytestmark = pytest.mark.any_database

POST = b"POST /echo HTTP/1.1\r\nHost: api\r\n"
FREE = b"GET /free HTTP/1.1\r\nHost: api\r\n\r\n"
LARGE_HEADERS = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 7000) for number in range(7))
LARGE = b"GET /large/4000000 HTTP/1.1\r\nHost: api\r\n\r\n"
UNFINISHED = {
    "silent": b"",
    "head": b"GET /free HTTP/1.1\r\nHost: a",
    "body": POST + b"Content-Length: 5\r\n\r\nhell",
    "chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhell",
    "expected": POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "reader": LARGE * 3,
}


@contextlib.contextmanager
def connections(url: str, count: int, opening: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that have said the same, and read nothing."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = stack.enter_context(connection_to(url))
            connection.sendall(opening)
            opened.append(connection)
        yield opened


def status_of(url: str, path: str = "/echo") -> int:
    """Ask over a connection of its own; return the status."""
    address = urlsplit(url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=5)
    with contextlib.closing(connection):
        connection.request("POST", path, b"hello")
        answer = connection.getresponse()
        answer.read()
        return answer.status


def raw_status(connection: socket.socket) -> bytes:
    """Read the beginning of an answer; return its status."""
    return connection.recv(65_536).split(b" ")[1]


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has ended a connection; what it still sends is read."""
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def closed_among(connections: list[socket.socket], count: int) -> list[bool]:
    """Look until so many of them are closed, if not for too long; return which ones are."""
    end = time.monotonic() + 5
    for connection in connections:
        connection.settimeout(0.05)
    closed = [is_closed(connection) for connection in connections]
    while closed.count(True) < count and time.monotonic() < end:
        closed = [is_closed(connection) for connection in connections]
    return closed


def wait_until_held(size: int) -> None:
    """Wait until the server has read so much of requests that are not complete."""
    end = time.monotonic() + 5
    while sum(each.held for each in gc.get_objects() if isinstance(each, Connection)) < size:
        assert time.monotonic() < end
        time.sleep(0.01)


@cases(UNFINISHED)
def test_others_are_answered_beside_many_of_them(told: Told, case: bytes) -> None:
    with serving(told.app, settings={"threads": 1}) as url, connections(url, 40, case):
        began = time.monotonic()
        statuses = [status_of(url) for _ in range(20)]

    assert statuses == [200] * 20
    assert time.monotonic() - began < 5


class TestDeadlines:
    def test_a_head_has_to_end_in_time(self, told: Told) -> None:
        with serving(told.app, HEAD_TIMEOUT=0.3) as url:
            connection = connection_to(url)
            connection.sendall(UNFINISHED["head"])
            answer = raw_answer(connection)

        assert (answer.status, answer.json()["code"]) == (408, "request-timeout")
        assert answer.headers["Connection"] == "close"

    def test_a_head_that_drips_has_no_more_time(self, told: Told) -> None:
        with serving(told.app, HEAD_TIMEOUT=0.5) as url, connection_to(url) as connection:
            began = time.monotonic()
            with contextlib.suppress(ConnectionError):
                while time.monotonic() - began < 3:
                    connection.sendall(b"G")
                    time.sleep(0.05)
                    connection.settimeout(0.001)
                    with contextlib.suppress(TimeoutError):
                        if connection.recv(4096):
                            break
            assert time.monotonic() - began < 2

    def test_a_connection_that_never_speaks_is_closed_without_a_word(self, told: Told) -> None:
        with serving(told.app, settings={"keepalive": 1}) as url, connection_to(url) as connection:
            assert connection.recv(10) == b""

    def test_a_kept_connection_is_closed_after_the_time_for_it(self, told: Told) -> None:
        with serving(told.app, settings={"keepalive": 1}) as url, connection_to(url) as connection:
            connection.sendall(FREE)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            began = time.monotonic()
            assert is_closed(connection)
            assert 0.8 < time.monotonic() - began < 3

    def test_an_answer_that_nobody_reads_is_given_up(self, told: Told) -> None:
        with serving(told.app, RESPONSE_TIMEOUT=0.5) as url, connection_to(url) as connection:
            connection.sendall(LARGE * 3)
            time.sleep(1.5)
            received = 0
            with contextlib.suppress(ConnectionError):
                while piece := connection.recv(65_536):
                    received += len(piece)

        assert received < 3 * 4_000_000

    def test_an_answer_that_is_read_slowly_arrives_whole(self, told: Told) -> None:
        with serving(told.app) as url, connection_to(url) as connection:
            connection.sendall(LARGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            time.sleep(0.3)
            received = bytearray()
            while piece := connection.recv(100_000):
                received += piece
                time.sleep(0.001)

        assert len(received.partition(b"\r\n\r\n")[2]) == 4_000_000


class TestLanes:
    @pytest.mark.parametrize("path", ["/free", "/ready"])
    def test_what_touches_nothing_is_answered_while_all_threads_wait(
        self, told: Told, path: str
    ) -> None:
        with serving(told.app) as url:
            waiting = [threading.Thread(target=status_of, args=(url, "/gate")) for _ in range(2)]
            for thread in waiting:
                thread.start()
                assert told.begun.acquire(timeout=5)
            statuses = [status_of(url, path) for _ in range(5)]
            told.gate.set()
            for thread in waiting:
                thread.join()

        assert statuses == [200] * 5

    def test_a_malformed_request_is_refused_while_all_threads_wait(self, told: Told) -> None:
        with serving(told.app, settings={"threads": 1}) as url:
            waiting = threading.Thread(target=status_of, args=(url, "/gate"))
            waiting.start()
            assert told.begun.acquire(timeout=5)
            connection = connection_to(url)
            connection.sendall(b"nonsense\r\n\r\n")
            status = raw_answer(connection).status
            told.gate.set()
            waiting.join()

        assert status == 400

    def test_no_more_requests_wait_than_there_is_room_for(self, told: Told) -> None:
        at_the_gate = b"GET /gate HTTP/1.1\r\nHost: api\r\n\r\n"
        with (
            serving(told.app, settings={"threads": 1}) as url,
            connections(url, 1, at_the_gate) as first,
        ):
            assert told.begun.acquire(timeout=5)
            with connections(url, 100, at_the_gate) as opened:
                # One is being answered, and half of the 128 places are for other networks.
                refused = [raw_answer(connection) for connection in opened[64:]]
                told.gate.set()
                others = [raw_answer(connection).status for connection in (*first, *opened[:64])]

        assert {answer.status for answer in refused} == {503}
        assert {answer.json()["code"] for answer in refused} == {"server-busy"}
        assert all(answer.headers["Retry-After"] for answer in refused)
        assert others == [200] * 65

    def test_who_has_nothing_waiting_is_let_in_beside_any_number_of_others(
        self, told: Told
    ) -> None:
        at_the_gate = b"GET /gate HTTP/1.1\r\nHost: api\r\n\r\n"
        with (
            serving(told.app, settings={"threads": 1, "worker_connections": 12}) as url,
            contextlib.ExitStack() as stack,
        ):
            for number in range(12):
                source = f"127.0.1.{1 + number // 2}"
                stack.enter_context(connection_from(source, url)).sendall(at_the_gate)
            time.sleep(0.3)
            newcomer = connection_from("127.0.2.1", url)
            newcomer.sendall(at_the_gate)
            time.sleep(0.3)
            told.gate.set()
            answer = raw_answer(newcomer)

        assert (answer.status, answer.body) == (200, b"open")


class TestBounds:
    def test_who_has_waited_longest_makes_room(self, told: Told) -> None:
        with (
            serving(told.app, settings={"worker_connections": 10}) as url,
            connections(url, 10, UNFINISHED["head"]) as opened,
        ):
            time.sleep(0.3)
            assert [status_of(url) for _ in range(3)] == [200] * 3

            for connection in opened:
                connection.settimeout(0.2)
            closed = [is_closed(connection) for connection in opened]

        assert closed[0]
        assert closed == sorted(closed, reverse=True)
        assert 1 <= closed.count(True) <= 3

    def test_who_has_sent_most_makes_room_when_too_much_is_held(
        self, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("userapi.web.worker.HELD_BYTES", 2_000_000)
        head = POST + b"Content-Length: 1000000\r\n\r\n"
        with serving(told.app) as url, connections(url, 2, head + b"x" * 900_000) as large:
            wait_until_held(1_800_000)
            with connections(url, 1, head + b"x" * 400_000) as small:
                closed = closed_among(large, 1)
                assert status_of(url) == 200
                (is_small_closed,) = closed_among(small, 0)

        assert (closed.count(True), is_small_closed) == (1, False)

    def test_many_small_bodies_of_a_network_push_out_no_large_one_of_another(
        self, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("userapi.web.worker.HELD_BYTES", 2_000_000)
        body = b"x" * 900_000
        with serving(told.app) as url, connection_from("127.0.0.2", url) as patient:
            patient.sendall(POST + b"Content-Length: 900000\r\n\r\n" + body[:-1])
            small = POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 100_000
            with connections(url, 30, small):
                time.sleep(0.5)
                patient.sendall(b"x")
                answer = raw_answer(patient)

        assert (answer.status, answer.body) == (200, body)

    def test_heads_that_were_read_are_held_too(
        self, told: Told, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("userapi.web.worker.HELD_BYTES", 0)
        large = POST + LARGE_HEADERS + b"Content-Length: 5\r\n\r\nhell"
        with serving(told.app) as url, connections(url, 40, large) as opened:
            closed = closed_among(opened, 15)
            assert status_of(url) == 200

        assert 15 <= closed.count(True) < 30

    def test_a_kept_connection_keeps_nothing_of_its_last_request(self, told: Told) -> None:
        opening = b"GET /free?kept HTTP/1.1\r\nHost: api\r\n" + LARGE_HEADERS + b"\r\n"
        with serving(told.app) as url, connections(url, 20, opening) as opened:
            assert {raw_status(connection) for connection in opened} == {b"200"}
            gc.collect()
            requests = [each for each in gc.get_objects() if isinstance(each, Request)]
            kept = sum(each.query == "kept" for each in requests)

        assert kept <= 2  # what a thread has not yet let go


@pytest.mark.parametrize(
    "number",
    [errno.ENOBUFS, errno.ENOMEM, errno.EPROTO, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EPERM],
    ids=errno.errorcode.get,
)
def test_a_connection_that_fails_at_the_door_keeps_nobody_out(
    told: Told, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    failures, accept = [OSError(number, "")], socket.socket.accept

    def failing(listener: socket.socket) -> object:
        if failures:
            raise failures.pop()
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", failing)
    with serving(told.app) as url:
        assert status_of(url) == 200
