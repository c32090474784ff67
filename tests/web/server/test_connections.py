"""Connections with many requests, with half an end, with none, and at the server's end."""

import contextlib
import socket
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.sockets import connection_to, exchange, raw_answer
from userapi.web.worker import Worker
from web.server.serving import Told, serving

pytestmark = pytest.mark.any_database

ECHO = b"POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 4\r\n\r\n%04d"
LAST = b"GET /free HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n"
GATE = b"GET /gate HTTP/1.1\r\nHost: api\r\n\r\n"


def test_requests_in_one_piece_are_answered_in_their_order(told: Told) -> None:
    with serving(told.app) as url:
        answers = exchange(url, b"".join(ECHO % number for number in range(1000)) + LAST)

    bodies = [answer.partition(b"\r\n\r\n")[2] for answer in answers.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"%04d" % number for number in range(1000)] + [b"free"]


def test_what_comes_while_a_request_is_answered_is_answered_afterwards(told: Told) -> None:
    with serving(told.app) as url, connection_to(url) as connection:
        connection.sendall(GATE)
        assert told.begun.acquire(timeout=5)
        connection.sendall(LAST)
        time.sleep(0.1)
        told.gate.set()
        received = b""
        while piece := connection.recv(4096):
            received += piece

    assert received.count(b"HTTP/1.1 200 OK") == 2
    assert received.endswith(b"free")


def test_nothing_is_read_from_a_connection_whose_request_is_being_answered(told: Told) -> None:
    with serving(told.app) as url, connection_to(url) as connection:
        connection.sendall(GATE)
        assert told.begun.acquire(timeout=5)
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.sendall(b"x" * 65_536_000)
        told.gate.set()


def test_who_sends_on_while_it_is_answered_keeps_no_processor_busy(told: Told) -> None:
    with serving(told.app) as url, connection_to(url) as connection:
        connection.sendall(GATE)
        assert told.begun.acquire(timeout=5)
        connection.sendall(LAST)
        began = time.process_time()
        time.sleep(0.5)
        used = time.process_time() - began
        told.gate.set()

    assert used < 0.25


def test_a_client_that_has_only_ended_its_own_side_is_answered(told: Told) -> None:
    with serving(told.app) as url:
        assert exchange(url, ECHO % 7).endswith(b"0007")


def test_a_client_that_goes_while_it_is_answered_does_no_harm(told: Told) -> None:
    with serving(told.app, settings={"threads": 1}) as url:
        for _ in range(3):
            with connection_to(url) as connection:
                connection.sendall(GATE)
        told.gate.set()
        connection = connection_to(url)
        connection.sendall(LAST)

        assert raw_answer(connection).body == b"free"


def test_an_answer_that_cannot_be_written_is_an_internal_error(told: Told) -> None:
    with serving(told.app) as url:
        answer = exchange(url, b"GET /broken HTTP/1.1\r\nHost: api\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 500 ")
    assert b'"internal-error"' in answer


def test_what_is_being_answered_is_finished_before_the_end(told: Told) -> None:
    with serving(told.app) as url:
        connection = connection_to(url)
        connection.sendall(GATE)
        assert told.begun.acquire(timeout=5)
        threading.Timer(0.5, told.gate.set).start()

    answer = raw_answer(connection)
    assert (answer.status, answer.body) == (200, b"open")
    assert answer.headers["Connection"] == "close"


def test_an_answer_that_promises_to_keep_the_connection_is_kept_to(told: Told) -> None:
    def stop(worker: Worker, request: Any, environ: Any, response: Any) -> None:
        worker.alive = False  # as a signal does that comes when the answer has been written

    with (
        serving(told.app, settings={"post_request": stop}) as url,
        contextlib.closing(HTTPConnection(urlsplit(url).netloc, timeout=5)) as client,
    ):
        answers = []
        for _ in range(2):
            client.request("POST", "/echo", b"hello")
            answer = client.getresponse()
            answers.append((answer.read(), answer.headers["Connection"]))

    assert answers == [(b"hello", "keep-alive"), (b"hello", "close")]


def test_the_end_does_not_wait_for_what_does_not_arrive(told: Told) -> None:
    with serving(told.app, HEAD_TIMEOUT=60) as url:
        opened = [connection_to(url) for _ in range(3)]
        for connection, begun in zip(opened, [b"", b"GET /", ECHO[:-4]], strict=True):
            connection.sendall(begun)
        time.sleep(0.2)
        began = time.monotonic()

    assert time.monotonic() - began < 3
    for connection in opened:
        connection.close()


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_nothing_is_left_open(told: Told) -> None:
    with serving(told.app, settings={"keepalive": 1}) as url:
        connection_to(url).close()
        time.sleep(0.3)
        before = open_files()
        for _ in range(20):
            exchange(url, LAST)
            exchange(url, b"nonsense\r\n\r\n")
            with connection_to(url) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.sendall(ECHO[:-6])
        deadline = time.monotonic() + 5
        while open_files() > before and time.monotonic() < deadline:
            time.sleep(0.05)

        assert open_files() <= before
