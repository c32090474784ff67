"""gunicorn's worker, which lets the application answer also what gunicorn itself refuses.

A request that cannot be read never becomes a call of the application; gunicorn would answer it
with a page of its own, which clients of this API do not understand. And gunicorn waits for a body
for as long as its client likes; this worker waits until a deadline.
"""

import contextlib
import socket
import ssl
import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker
from werkzeug import exceptions

from userapi.kit.errors import DomainError
from userapi.web.edge import name_request, request_id
from userapi.web.errors import HeadersTooLarge, RequestTimeout, UriTooLong

# The first that fits counts.
_ANSWERS: tuple[tuple[type[Exception], type[DomainError | exceptions.HTTPException]], ...] = (
    (errors.LimitRequestLine, UriTooLong),
    (errors.LimitRequestHeaders, HeadersTooLarge),
    (errors.UnsupportedTransferCoding, exceptions.NotImplemented),
    (errors.ExpectationFailed, exceptions.ExpectationFailed),
    (errors.ConfigurationProblem, exceptions.InternalServerError),
    (errors.InvalidResponseHeader, exceptions.InternalServerError),
    (errors.InvalidResponseHeaderName, exceptions.InternalServerError),
    (errors.ParseException, exceptions.BadRequest),
    (ssl.SSLError, exceptions.BadRequest),
    (Exception, exceptions.InternalServerError),
)


class Worker(ThreadWorker):  # type: ignore[misc] # the library is untyped
    """A worker with threads; `--worker-class=userapi.web.worker.Worker` selects it."""

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer a request whose body has to arrive before the deadline."""
        unreader = conn.parser.unreader
        unreader.sock = _PunctualSocket(conn.sock, req, self.wsgi.config["BODY_TIMEOUT"])
        try:
            may_go_on: bool = super().handle_request(req, conn)
        finally:
            unreader.sock = conn.sock
        return may_go_on

    def handle_error(
        self, req: Any, client: socket.socket, addr: tuple[str, int] | str, exc: Exception
    ) -> None:
        """Answer a request that could not be read, or whose answer could not be written."""
        error = next(answer for cause, answer in _ANSWERS if isinstance(exc, cause))
        response, name = _answer_of(self.wsgi, error())
        # What the request says may hold secrets: only the kind of mistake is logged.
        mistake = type(exc).__name__
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("[%s] Request failed: %s", name, mistake, exc_info=exc)
        else:
            address = addr[0] if isinstance(addr, tuple) else "-"
            self.log.warning("[%s] Request from %s refused: %s", name, address, mistake)
        with contextlib.suppress(OSError):  # the client may have gone
            util.write_nonblock(client, _as_bytes(response))


class _PunctualSocket:
    """Receives a request's body until a deadline, however slowly its bytes drip in."""

    def __init__(self, sock: socket.socket, req: Any, timeout: timedelta) -> None:
        self._sock = sock
        self._req = req
        self._deadline = time.monotonic() + timeout.total_seconds()

    def recv(self, size: int) -> bytes:
        """Return what has arrived; raise `RequestTimeout` when nothing does before the deadline."""
        try:
            self._sock.settimeout(self._remaining_seconds())
            return self._sock.recv(size)
        except TimeoutError:
            # Where the next request would begin is not known.
            self._req.force_close()
            # No `OSError`: what reads bodies takes each of them for a client that has gone.
            raise RequestTimeout from None
        finally:
            self._sock.settimeout(None)

    def _remaining_seconds(self) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


def _answer_of(app: Flask, error: DomainError | exceptions.HTTPException) -> tuple[Response, str]:
    """Return how `app` answers an error of a request that is not known, and the request's name."""
    with app.test_request_context():
        name_request()
        response = app.make_response(app.handle_user_exception(error))
        return app.process_response(response), request_id() or ""


def _as_bytes(response: Response) -> bytes:
    """Return the whole HTTP message, after which the connection ends."""
    response.headers.update({"Date": util.http_date(), "Connection": "close"})
    head = f"HTTP/1.1 {response.status}\r\n{response.headers}"
    return head.encode("latin-1") + response.get_data()
