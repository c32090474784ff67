"""How a thread has the application answer a request; the answer is collected, not sent."""

import time
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import wsgi

from userapi.kit.arrival import ASKED_AT
from userapi.web.edge import REFUSAL
from userapi.web.server.connection import Connection
from userapi.web.server.refusals import Refusal, unread_answer
from userapi.web.server.spools import Spool
from userapi.web.uploads import ADMITTED, AWAITS_BODY, SPOOLED

_VALUE = wsgi.HEADER_VALUE_RE
_SMALL = 1024 * 1024  # what is copied into one piece, to be sent at once


Pieces = list[memoryview]
"""What is to be sent."""


class Answer:
    """Collects what would be sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def sendall(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)

    def pieces(self) -> Pieces:
        """Return all that was taken, a small answer in one piece."""
        if sum(map(len, self._pieces)) <= _SMALL:
            return [memoryview(b"".join(self._pieces))]
        return [memoryview(piece) for piece in self._pieces if piece]


class Response(wsgi.Response):  # type: ignore[misc] # the library is untyped
    """An answer in HTTP/1.1, whatever minor version was asked in, by a server without a name."""

    def __init__(self, req: Any, sock: Any, cfg: Config, worker: Any) -> None:
        super().__init__(req, sock, cfg)
        self._worker = worker
        self._closes: bool | None = None

    def should_close(self) -> bool:
        """Say whether the connection ends with this answer; it does when the server will stop soon.

        What the head of the answer tells is kept to, when the server is stopped afterwards too: a
        client that was told to go on would lose what it sends next.
        """
        if self._closes is not None:
            return self._closes
        return self._worker.is_leaving or bool(super().should_close())

    def process_headers(self, headers: Iterable[tuple[Any, Any]]) -> None:
        """Take the headers that may be sent; gunicorn judges what is not plainly one of them."""
        for name, value in headers:
            if _is_plain(name) and isinstance(value, str) and _VALUE.fullmatch(value):
                self.headers.append((name, value.strip(" \t")))
            else:
                super().process_headers([(name, value)])

    def default_headers(self) -> list[str]:
        """Return the status line and the headers that every answer has."""
        self._closes = self.should_close()
        connection = "close" if self._closes else "keep-alive"
        lines = [
            f"HTTP/1.1 {self.status}\r\n",
            f"Date: {_date(int(time.time()))}\r\n",
            f"Connection: {'upgrade' if self.upgrade else connection}\r\n",
        ]
        if self.chunked:
            lines.append("Transfer-Encoding: chunked\r\n")
        return lines


@lru_cache(maxsize=256)
def _is_plain(name: object) -> bool:
    """Say whether this is the name of a header that is sent as it is, and says nothing to us."""
    return (
        isinstance(name, str)
        and wsgi.TOKEN_RE.fullmatch(name) is not None
        and not util.is_hoppish(name)
        and name.lower() != "content-length"
    )


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return str(util.http_date(second))


def answer(worker: Any, connection: Connection, refusal: Refusal | None) -> tuple[Pieces, bool]:
    """Have the worker's application answer; return the answer, and whether the connection stays.

    A `refusal` is what the application shall answer with.
    """
    collected = Answer()
    try:
        keeps = _call(worker, connection, refusal, collected)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is logged and answered
        return failed_answer(worker, connection, error), False
    return collected.pieces(), keeps


def failed_answer(worker: Any, connection: Connection, error: BaseException) -> Pieces:
    """Return the answer to a request that could not be read, or whose answer failed."""
    cause = error if isinstance(error, Exception) else RuntimeError(repr(error))
    message = unread_answer(worker.wsgi, worker.log, connection.client, cause)
    if worker.recorder is not None:
        status = int(message.split(b" ", 2)[1])
        worker.recorder.record_answer({}, status, time.monotonic() - connection.since)
    return [memoryview(message)]


def _call(worker: Any, connection: Connection, refusal: Refusal | None, collected: Answer) -> bool:
    """Call the application; return whether the connection may be used again."""
    request, cfg = connection.request, worker.cfg
    asks = refusal is None and connection.awaits_admission
    request.body = BytesIO()
    if connection.body is not None and isinstance(connection.body.content, BytesIO):
        request.body = connection.body.content
    request.body.seek(0)
    cfg.pre_request(worker, request)
    ASKED_AT.set(connection.since)
    began = time.monotonic()
    response, environ = wsgi.create(
        request,
        collected,
        connection.client,
        connection.server,
        cfg,
        response_class=Response,
        response_args=(worker,),
    )
    environ["wsgi.multithread"] = True
    environ[REFUSAL] = refusal
    _hand_over_upload(connection, environ, asks=asks)
    worker.count_request()
    if refusal is not None or asks or not cfg.keepalive:
        response.force_close()
    try:
        _collect(worker.wsgi(environ, response.start_response), response)
        if asks and environ.get(ADMITTED):
            connection.is_admitted = True
            return True
        taken = timedelta(seconds=time.monotonic() - began)
        worker.log.access(response, request, environ, taken)
        if worker.recorder is not None:
            # What waited for a thread was slow for its client, too.
            seconds = time.monotonic() - connection.since
            worker.recorder.record_answer(environ, response.status_code, seconds)
    finally:
        cfg.post_request(worker, request, environ, response)
    return not response.should_close()


def _hand_over_upload(connection: Connection, environ: dict[str, Any], *, asks: bool) -> None:
    """Tell the application of a body that it does not read as others: it is a file, or to come."""
    if connection.upload is None:
        return
    environ.pop("CONTENT_LENGTH", None)
    environ[AWAITS_BODY] = asks
    if connection.body is not None and isinstance(connection.body.content, Spool):
        file = connection.body.content.file
        file.seek(0)
        environ[SPOOLED] = file


def _collect(pieces: Iterable[bytes], response: Any) -> None:
    try:
        for piece in pieces:
            response.write(piece)
        response.close()
    finally:
        if close := getattr(pieces, "close", None):
            close()
