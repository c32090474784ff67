"""Files as bodies: admitted by their heads, kept in files, and gone whatever happens."""

import hashlib
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Response, request

from support.sockets import connection_to, raw_answer
from userapi.kit.uploads import UploadLimits
from userapi.web.server import spools
from userapi.web.uploads import ADMITTED, AWAITS_BODY, SPOOLED, UPLOADS
from web.server.serving import Told, serving

pytestmark = pytest.mark.any_database

LIMIT = 8 * 2**20
HEAD = "POST /upload HTTP/1.1\r\nHost: api\r\nExpect: 100-continue"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Files:
    """What the application is asked, and the files that the server has made."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.made: list[Any] = []

    def take(self) -> Any:
        """Take a file, as an operation does; a head with `X-Stranger` is refused."""
        if request.environ[AWAITS_BODY]:
            self.asked.append("head")
            if "X-Stranger" in request.headers:
                return Response(status=403)
            request.environ[ADMITTED] = True
            return Response(status=204)
        self.asked.append("body")
        return hashlib.sha256(request.environ[SPOOLED].read()).hexdigest()

    def make(self, **options: Any) -> Any:
        """Make a file, and remember it."""
        self.made.append(TemporaryFile(**options))  # noqa: SIM115 - the server closes it
        return self.made[-1]

    def are_gone(self) -> bool:
        """Say whether nothing is left of any of them, after a moment."""
        end = time.monotonic() + 5
        while not all(file.closed for file in self.made) and time.monotonic() < end:
            time.sleep(0.01)
        return all(file.closed for file in self.made)


@pytest.fixture(scope="module")
def module_files(module_told: Told) -> Files:
    files = Files()
    module_told.app.add_url_rule("/upload", "upload", files.take, methods=["POST"])
    return files


@pytest.fixture(scope="module")
def url(module_told: Told, module_files: Files) -> Iterator[str]:
    del module_files
    limits = UploadLimits(LIMIT, timedelta(seconds=1))
    module_told.app.config[UPLOADS] = {("POST", "/upload"): limits}
    with serving(module_told.app) as url:
        yield url


@pytest.fixture
def files(module_files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(spools, "TemporaryFile", module_files.make)
    module_files.asked.clear()
    module_files.made.clear()
    return module_files


def send(url: str, body: Any, **headers: str) -> tuple[int, bytes]:
    address = urlsplit(url)
    with closing(http.client.HTTPConnection(str(address.hostname), address.port)) as connection:
        connection.request("POST", "/upload", body, headers, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read()


def begin(url: str, length: int) -> Any:
    """Send the head of an upload, and wait until it is admitted."""
    connection = connection_to(url)
    connection.sendall(f"{HEAD}\r\nContent-Length: {length}\r\n\r\n".encode())
    assert connection.recv(4096) == GO_ON
    return connection


def pieces(body: bytes) -> Iterator[bytes]:
    return (body[at : at + 65_536] for at in range(0, len(body), 65_536))


@pytest.mark.parametrize("wrapped", [bytes, pieces], ids=["declared", "chunked"])
def test_a_file_of_more_than_a_body_may_have_comes_whole(
    url: str, files: Files, wrapped: Callable[[bytes], Any]
) -> None:
    body = b"0123456789abcdef" * (LIMIT // 16)

    assert send(url, wrapped(body)) == (200, hashlib.sha256(body).hexdigest().encode())
    assert files.asked == ["head", "body"]
    assert (len(files.made), files.are_gone()) == (1, True)


def test_the_next_request_of_the_connection_is_answered(url: str, files: Files) -> None:
    connection = begin(url, 2)
    connection.sendall(b"okGET /free HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n")
    told = b""
    while piece := connection.recv(4096):
        told += piece
    connection.close()

    assert hashlib.sha256(b"ok").hexdigest().encode() in told
    assert told.endswith(b"free")
    assert files.asked == ["head", "body"]


@pytest.mark.parametrize("wrapped", [bytes, pieces], ids=["declared", "chunked"])
def test_who_may_not_upload_has_nothing_kept(
    url: str, files: Files, wrapped: Callable[[bytes], Any]
) -> None:
    status, _ = send(url, wrapped(b"x" * LIMIT), **{"X-Stranger": "yes"})

    assert (status, files.asked, files.made) == (403, ["head"], [])


def test_who_may_not_upload_is_not_told_to_go_on(url: str, files: Files) -> None:
    connection = connection_to(url)
    connection.sendall(f"{HEAD}\r\nX-Stranger: yes\r\nContent-Length: {LIMIT}\r\n\r\n".encode())

    assert raw_answer(connection).status == 403
    assert files.made == []


def test_a_larger_file_is_refused_by_its_head(url: str, files: Files) -> None:
    status, body = send(url, b"x" * (LIMIT + 1))

    assert (status, b'"body-too-large"' in body) == (413, True)
    assert (files.asked, files.made) == ([], [])


def test_a_larger_file_of_no_declared_length_is_refused_where_it_is_too_large(
    url: str, files: Files
) -> None:
    status, _ = send(url, pieces(b"x" * (LIMIT + 1)))

    assert (status, files.asked, files.are_gone()) == (413, ["head"], True)


def test_of_half_a_file_nothing_is_left(url: str, files: Files) -> None:
    connection = begin(url, 1000)
    connection.sendall(b"x" * 500)
    connection.close()

    assert files.are_gone()
    assert (files.asked, len(files.made)) == (["head"], 1)


def test_a_slow_file_is_given_up_in_time(url: str, files: Files) -> None:
    connection = begin(url, 1000)
    connection.sendall(b"x")

    assert raw_answer(connection).status == 408
    assert files.are_gone()


def test_a_process_receives_few_files_at_a_time(url: str, files: Files) -> None:
    going_on = [begin(url, 2) for _ in range(spools.UPLOADS_AT_ONCE)]

    status, body = send(url, b"ok")
    assert (status, b'"upload-unavailable"' in body) == (503, True)

    for connection in going_on:
        connection.sendall(b"ok")
        assert raw_answer(connection).status == 200
    assert send(url, b"ok")[0] == 200
    assert files.are_gone()


class FullDisk:
    """A file for which there is no room."""

    closed = False

    def write(self, _piece: bytes) -> int:
        raise OSError(28, "No space left on device")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("fails", ["made", "written"])
def test_a_full_disk_is_told(
    url: str, files: Files, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    def make(**_: Any) -> FullDisk:
        if fails == "made":
            raise OSError(28, "No space left on device")
        file = FullDisk()
        files.made.append(file)
        return file

    monkeypatch.setattr(spools, "TemporaryFile", make)

    status, body = send(url, b"ok")

    assert (status, b'"upload-unavailable"' in body, files.are_gone()) == (503, True, True)
