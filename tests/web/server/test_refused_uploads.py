"""A refusal reaches clients that are still sending, and nobody sends for ever."""

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest
import requests
import urllib3

from support.sockets import connection_to, raw_answer
from web.callers import cases
from web.server.serving import Told, serving

pytestmark = pytest.mark.any_database

Answered = tuple[int, bytes]
Upload = Callable[[str, bytes], Answered]


@pytest.fixture(scope="module")
def url(module_told: Told) -> Iterator[str]:
    with serving(module_told.app) as url:
        yield url


def with_http_client(url: str, body: bytes) -> Answered:
    address = urlsplit(url)
    with closing(http.client.HTTPConnection(str(address.hostname), address.port)) as connection:
        connection.request("POST", "/echo", body)
        answer = connection.getresponse()
        return answer.status, answer.read()


def with_chunks(url: str, body: bytes) -> Answered:
    address = urlsplit(url)
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    with closing(http.client.HTTPConnection(str(address.hostname), address.port)) as connection:
        connection.request("POST", "/echo", pieces, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read()


def with_requests(url: str, body: bytes) -> Answered:
    with requests.Session() as session:
        answer = session.post(f"{url}/echo", data=body, proxies={"http": ""})
        return answer.status_code, answer.content


def with_httpx(url: str, body: bytes) -> Answered:
    with httpx.Client(trust_env=False, verify=False) as client:
        answer = client.post(f"{url}/echo", content=body)
        return answer.status_code, answer.content


def with_urllib3(url: str, body: bytes) -> Answered:
    with urllib3.PoolManager() as pool:
        answer = pool.request("POST", f"{url}/echo", body=body, retries=False)
        return answer.status, answer.data


UPLOADS: dict[str, Upload] = {
    "http.client": with_http_client,
    "http.client-in-chunks": with_chunks,
    "requests": with_requests,
    "httpx": with_httpx,
    "urllib3": with_urllib3,
}


@cases(UPLOADS)
@pytest.mark.parametrize("megabytes", [2, 20])
def test_a_client_that_sends_on_sees_why_it_is_refused(
    url: str, case: Upload, megabytes: int
) -> None:
    status, body = case(url, b"x" * (megabytes * 1_000_000))

    assert status == 413
    assert b'"body-too-large"' in body


@cases(UPLOADS)
def test_the_largest_body_is_taken(url: str, case: Upload) -> None:
    assert case(url, b"x" * 2**20) == (200, b"x" * 2**20)


def test_a_chunk_that_is_too_large_is_refused_before_it_comes(url: str) -> None:
    connection = connection_to(url)
    head = "POST /echo HTTP/1.1\r\nHost: api\r\nTransfer-Encoding: chunked"
    connection.sendall(f"{head}\r\n\r\n{2**20 + 1:x}\r\n".encode())

    assert raw_answer(connection).status == 413


def test_a_client_that_waits_for_permission_gets_none(url: str) -> None:
    connection = connection_to(url)
    head = "POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 2000000\r\nExpect: 100-continue"
    connection.sendall(f"{head}\r\n\r\n".encode())

    assert raw_answer(connection).status == 413


def test_a_client_that_waits_for_permission_gets_it(url: str) -> None:
    head = "POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\nExpect: 100-continue"
    with connection_to(url) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"

        connection.sendall(b"ok")
        assert raw_answer(connection).body == b"ok"


def test_nobody_is_told_to_go_on_who_has_already_sent_all(url: str) -> None:
    head = "POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 2\r\nExpect: 100-continue"
    connection = connection_to(url)
    connection.sendall(f"{head}\r\n\r\nok".encode())

    assert raw_answer(connection).status == 200


def _upload_for_ever(connection: socket.socket, pause: float) -> float:
    """Send until the server ends it; return for how many seconds."""
    began = time.monotonic()
    connection.sendall(b"POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 2000000000\r\n\r\n")
    try:
        while time.monotonic() - began < 10:
            connection.sendall(b"x" * 65_536)
            time.sleep(pause)
    except ConnectionError:
        pass
    return time.monotonic() - began


def test_nobody_can_send_for_ever_after_a_refusal(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.web.server.transmission.DRAINED_BYTES", 4_000_000)
    with connection_to(url) as connection:
        assert _upload_for_ever(connection, 0) < 5


def test_nobody_can_send_slowly_for_ever_after_a_refusal(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.web.server.transmission.DRAINED_SECONDS", 0.5)
    with connection_to(url) as connection:
        assert _upload_for_ever(connection, 0.05) < 5


def test_one_who_falls_silent_after_a_refusal_is_left(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.web.server.transmission.SILENT_SECONDS", 0.3)
    with connection_to(url) as connection:
        connection.sendall(b"POST /echo HTTP/1.1\r\nHost: api\r\nContent-Length: 2000000\r\n\r\nx")
        while connection.recv(4096):
            pass
        time.sleep(1)
        connection.sendall(b"x")
        time.sleep(0.2)
        with pytest.raises(ConnectionError):
            connection.sendall(b"x")
