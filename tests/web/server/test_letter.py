"""What RFC 9110 and 9112 ask of a server, asked over a socket."""

from collections.abc import Iterator

import pytest

from support.sockets import connection_to, exchange, raw_answer
from web.callers import cases
from web.server.serving import Told, serving

pytestmark = pytest.mark.any_database


@pytest.fixture(scope="module")
def url(module_told: Told) -> Iterator[str]:
    with serving(module_told.app) as url:
        yield url


def _bytes(line: str, *headers: str, body: str = "") -> bytes:
    return "\r\n".join([line, *headers, "", body]).encode("latin-1")


GET = "GET /free HTTP/1.1"
POST = "POST /echo HTTP/1.1"
HOST = "Host: api"
CHUNKED = "Transfer-Encoding: chunked"
STATUSES = {
    "host": (_bytes(GET, HOST), 200),
    "host-and-port": (_bytes(GET, "Host: api.example.com:8080"), 200),
    "host-of-ipv6": (_bytes(GET, "Host: [2001:db8::1]:80"), 200),
    "empty-host": (_bytes(GET, "Host:"), 200),
    "no-host": (_bytes(GET), 400),
    "no-host-in-1.0": (_bytes("GET /free HTTP/1.0"), 200),
    "two-hosts": (_bytes(GET, HOST, HOST), 400),
    "host-with-space": (_bytes(GET, "Host: api example"), 400),
    "host-with-path": (_bytes(GET, "Host: api/x"), 400),
    "host-with-user": (_bytes(GET, "Host: user@api"), 400),
    "host-list": (_bytes(GET, "Host: api, other"), 400),
    "host-with-bad-port": (_bytes(GET, "Host: api:80x"), 400),
    "host-in-1.0-is-bad": (_bytes("GET /free HTTP/1.0", "Host: a b"), 400),
    "absolute-form": (_bytes("GET http://other/free HTTP/1.1", HOST), 200),
    "absolute-form-without-host": (_bytes("GET http://other/free HTTP/1.1"), 400),
    "absolute-form-without-authority": (_bytes("GET http:///free HTTP/1.1", HOST), 400),
    "absolute-form-with-user": (_bytes("GET http://user@other/free HTTP/1.1", HOST), 400),
    "absolute-form-of-other-scheme": (_bytes("GET ftp://other/free HTTP/1.1", HOST), 400),
    "absolute-form-without-path": (_bytes("GET http://other HTTP/1.1", HOST), 302),
    "options-of-server": (_bytes("OPTIONS * HTTP/1.1", HOST), 204),
    "options-of-server-in-absolute-form": (_bytes("OPTIONS http://other HTTP/1.1", HOST), 204),
    "asterisk-of-other-method": (_bytes("GET * HTTP/1.1", HOST), 400),
    "authority-of-other-method": (_bytes("GET api:80 HTTP/1.1", HOST), 400),
    "connect": (_bytes("CONNECT api:80 HTTP/1.1", HOST), 501),
    "fragment": (_bytes("GET /free#part HTTP/1.1", HOST), 400),
    "unknown-method": (_bytes("BREW /free HTTP/1.1", HOST), 501),
    "small-letters": (_bytes("get /free HTTP/1.1", HOST), 501),
    "no-method": (_bytes("G@T /free HTTP/1.1", HOST), 400),
    "method-of-other-paths": (_bytes("DELETE /free HTTP/1.1", HOST), 405),
    "query": (_bytes("QUERY /free HTTP/1.1", HOST), 405),
    "trace": (_bytes("TRACE /free HTTP/1.1", HOST), 405),
    "http-1.2": (_bytes("GET /free HTTP/1.2", HOST), 200),
    "http-2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "version-2": (_bytes("GET /free HTTP/2.0", HOST), 505),
    "version-0.9": (_bytes("GET /free HTTP/0.9", HOST), 505),
    "no-version": (_bytes("GET /free HTTX/1.1", HOST), 400),
    "empty-line-before": (b"\r\n" + _bytes(GET, HOST), 200),
    "bare-line-feeds": (b"GET /free HTTP/1.1\nHost: api\n\n", 400),
    "bare-line-feed-in-header": (_bytes(GET, HOST, "X: a\nY: b"), 400),
    "nul-in-header": (_bytes(GET, HOST, "X: a\0b"), 400),
    "folded-header": (_bytes(GET, HOST, "X: a", " b"), 400),
    "space-before-colon": (_bytes(GET, HOST, "X : a"), 400),
    "gzip-then-chunked": (_bytes(POST, HOST, "Transfer-Encoding: gzip, chunked"), 501),
    "identity-then-chunked": (_bytes(POST, HOST, "Transfer-Encoding: identity, chunked"), 501),
    "gzip-only": (_bytes(POST, HOST, "Transfer-Encoding: gzip"), 400),
    "identity-only": (_bytes(POST, HOST, "Transfer-Encoding: identity"), 400),
    "unknown-coding": (_bytes(POST, HOST, "Transfer-Encoding: unheard-of"), 501),
    "chunked-twice": (_bytes(POST, HOST, CHUNKED, CHUNKED, body="0\r\n\r\n"), 400),
    "chunked-in-1.0": (_bytes("POST /echo HTTP/1.0", HOST, CHUNKED, body="0\r\n\r\n"), 400),
    "length-and-chunked": (_bytes(POST, HOST, "Content-Length: 5", CHUNKED, body="0\r\n\r\n"), 400),
    "two-lengths": (_bytes(POST, HOST, "Content-Length: 1", "Content-Length: 1", body="a"), 400),
    "list-of-lengths": (_bytes(POST, HOST, "Content-Length: 1, 1", body="a"), 400),
    "signed-length": (_bytes(POST, HOST, "Content-Length: +1", body="a"), 400),
    "superscript-length": (_bytes(POST, HOST, "Content-Length: \xb2", body="aa"), 400),
    "no-chunk": (_bytes(POST, HOST, CHUNKED, body="x\r\n"), 400),
    "chunk-with-sign": (_bytes(POST, HOST, CHUNKED, body="+1\r\na\r\n0\r\n\r\n"), 400),
    "chunk-with-prefix": (_bytes(POST, HOST, CHUNKED, body="0x1\r\na\r\n0\r\n\r\n"), 400),
    "chunk-longer-than-told": (_bytes(POST, HOST, CHUNKED, body="1\r\nab\r\n0\r\n\r\n"), 400),
    "chunk-after-bare-line-feed": (_bytes(POST, HOST, CHUNKED, body="1\na\r\n0\r\n\r\n"), 400),
    "chunk-with-bad-extension": (_bytes(POST, HOST, CHUNKED, body="1;\x01\r\na\r\n0\r\n\r\n"), 400),
    "long-extension": (
        _bytes(POST, HOST, CHUNKED, body=f"1;{'a' * 2000}\r\na\r\n0\r\n\r\n"),
        400,
    ),
    "tiny-chunks": (
        _bytes(POST, HOST, CHUNKED, body="1\r\na\r\n" * 10_000 + "0\r\n\r\n"),
        400,
    ),
    "long-size": (_bytes(POST, HOST, CHUNKED, body="0" * 2000 + "\r\n\r\n"), 400),
    "endless-trailers": (_bytes(POST, HOST, CHUNKED, body="0\r\n" + "X: y\r\n" * 3000), 431),
    "framing-in-trailer": (
        _bytes(POST, HOST, CHUNKED, body="0\r\nContent-Length: 3\r\n\r\n"),
        400,
    ),
    "endless-head": (_bytes(GET, HOST, *["X: " + "a" * 8000] * 9), 431),
    "other-expectation": (_bytes(GET, HOST, "Expect: 200-ok"), 417),
}


ENDING = (400, 417, 431, 501, 505)


@cases(STATUSES)
def test_the_status_is_the_one_that_the_standard_asks_for(
    url: str, case: tuple[bytes, int]
) -> None:
    request, status = case

    answer = exchange(url, request)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nDate: " in answer
    assert b"\r\nServer:" not in answer


@cases({name: case for name, case in STATUSES.items() if case[1] in ENDING})
def test_a_connection_ends_with_a_refusal(url: str, case: tuple[bytes, int]) -> None:
    connection = connection_to(url)
    connection.sendall(case[0])

    answer = raw_answer(connection)

    assert answer.headers["Connection"] == "close"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == case[1]


ECHOED = {
    "length": (_bytes(POST, HOST, "Content-Length: 5", body="hello"), b"hello"),
    "chunks": (_bytes(POST, HOST, CHUNKED, body="2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), b"hello"),
    "chunk-extensions": (
        _bytes(POST, HOST, CHUNKED, body='5 ; a=b;c="d;e"\r\nhello\r\n0;f\r\n\r\n'),
        b"hello",
    ),
    "trailers": (_bytes(POST, HOST, CHUNKED, body="1\r\nh\r\n0\r\nX-Sum: 1\r\n\r\n"), b"h"),
    "coding-in-capitals": (_bytes(POST, HOST, "Transfer-Encoding: CHUNKED", body="0\r\n\r\n"), b""),
    "no-body": (_bytes(POST, HOST), b""),
    "http-1.0": (_bytes("POST /echo HTTP/1.0", "Content-Length: 2", body="hi"), b"hi"),
}


@cases(ECHOED)
def test_a_body_is_read_to_its_end(url: str, case: tuple[bytes, bytes]) -> None:
    request, body = case
    connection = connection_to(url)
    connection.sendall(request)

    assert raw_answer(connection).body == body


@cases(ECHOED)
def test_a_body_that_comes_byte_by_byte_is_read_to_its_end(
    url: str, case: tuple[bytes, bytes]
) -> None:
    request, body = case
    connection = connection_to(url)
    for position in range(len(request)):
        connection.sendall(request[position : position + 1])

    assert raw_answer(connection).body == body


KEPT = {
    "http-1.1": ("GET /free HTTP/1.1", (), True),
    "http-1.1-close": ("GET /free HTTP/1.1", ("Connection: close",), False),
    "http-1.1-close-among-others": ("GET /free HTTP/1.1", ("Connection: TE, Close",), False),
    "http-1.1-close-in-a-second-line": (
        "GET /free HTTP/1.1",
        ("Connection: TE", "Connection: close"),
        False,
    ),
    "http-1.0": ("GET /free HTTP/1.0", (), False),
    "http-1.0-keep-alive": ("GET /free HTTP/1.0", ("Connection: keep-alive",), True),
}


@cases(KEPT)
def test_a_connection_is_kept_as_its_client_asks(
    url: str, case: tuple[str, tuple[str, ...], bool]
) -> None:
    line, headers, is_kept = case
    with connection_to(url) as connection:
        connection.sendall(_bytes(line, HOST, *headers))
        head = connection.recv(4096)

        assert (b"\r\nConnection: keep-alive\r\n" in head) == is_kept
        assert (b"\r\nConnection: close\r\n" in head) != is_kept
        if not is_kept:
            while head := connection.recv(4096):
                pass
            assert head == b""


WITHOUT_BODY = {
    "head": ("HEAD /echo HTTP/1.1", True),
    "no-content": ("GET /empty HTTP/1.1", False),
    "options-of-server": ("OPTIONS * HTTP/1.1", False),
}


@cases(WITHOUT_BODY)
def test_an_answer_without_a_body_ends_with_its_head(url: str, case: tuple[str, bool]) -> None:
    line, has_length = case

    answer = exchange(url, _bytes(line, HOST, "Connection: close"))

    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b""
    assert (b"Content-Length" in head) == has_length
    assert b"Transfer-Encoding" not in head


def test_the_host_of_the_target_counts(url: str) -> None:
    answer = exchange(url, _bytes("GET http://other:81/host HTTP/1.1", HOST, "Connection: close"))

    assert answer.endswith(b"other:81")


def test_options_of_the_server_names_methods(url: str) -> None:
    answer = exchange(url, _bytes("OPTIONS * HTTP/1.1", HOST, "Connection: close"))

    assert b"\r\nAllow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n" in answer


def test_a_known_method_that_a_path_has_not_names_those_it_has(url: str) -> None:
    answer = exchange(url, _bytes("DELETE /free HTTP/1.1", HOST, "Connection: close"))

    assert b"\r\nAllow: " in answer
