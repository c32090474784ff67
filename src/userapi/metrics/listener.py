"""The port that answers `GET /metrics` and nothing else.

One process of the server has it; when that one ends, another takes it within a second. So does a
server that takes another's place.
"""

import json
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Timer
from typing import Any

from userapi.web.token_pages import has_token

PATH = "/metrics"
AT_ONCE = 16
"""How many may be connected at once.

For one more the oldest of those who have not asked yet is hung up on; that one, where all have.
"""

DEADLINE_SECONDS = 10
"""How long one has to ask and to take the answer."""

_RETRY_SECONDS = 1

_log = logging.getLogger(__name__)


class MetricsServer(ThreadingHTTPServer):
    """Answers with what `text` returns, to who has the token where there is one."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = AT_ONCE

    def __init__(
        self, address: tuple[str, int], text: Callable[[], bytes], *, content_type: str, token: str
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.text = text
        self.content_type = content_type
        self.token = token
        self._lock = Lock()
        self._have_asked: dict[socket.socket, bool] = {}
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, or hang up where there are too many."""
        if self._has_place_for(request):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def _has_place_for(self, request: socket.socket) -> bool:
        with self._lock:
            if len(self._have_asked) >= AT_ONCE:
                idle = next((each for each, asked in self._have_asked.items() if not asked), None)
                if idle is None:
                    return False
                del self._have_asked[idle]
                _hang_up(idle)
            self._have_asked[request] = False
        return True

    def keep(self, request: socket.socket) -> None:
        """Leave the place to one who has asked."""
        with self._lock:
            if request in self._have_asked:
                self._have_asked[request] = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer within the deadline."""
        end = Timer(DEADLINE_SECONDS, _hang_up, args=(request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            with self._lock:
                self._have_asked.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave alone who has gone."""
        _log.debug("a scrape was not answered", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: MetricsServer
    timeout = DEADLINE_SECONDS

    def parse_request(self) -> bool:
        """Read what is asked."""
        is_request = super().parse_request()
        self.server.keep(self.connection)
        return is_request

    def do_GET(self) -> None:
        """Answer with the metrics."""
        if self.path.partition("?")[0] != PATH:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif self.server.token and not has_token(
            self.headers.get("Authorization"), self.server.token
        ):
            self._refuse(HTTPStatus.UNAUTHORIZED, ("WWW-Authenticate", 'Bearer realm="userapi"'))
        else:
            self._send(HTTPStatus.OK, self.server.content_type, self.server.text())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no such request."""
        self.request_version = "HTTP/1.0"
        self._refuse(HTTPStatus(code))

    def log_message(self, *_: Any) -> None:
        """Write no line for each scrape."""

    def _refuse(self, status: HTTPStatus, *headers: tuple[str, str]) -> None:
        document = {"type": "about:blank", "title": status.phrase, "status": int(status)}
        self._send(status, "application/problem+json", json.dumps(document).encode(), *headers)

    def _send(
        self, status: HTTPStatus, content_type: str, body: bytes, *headers: tuple[str, str]
    ) -> None:
        self.send_response_only(status)
        for name, value in (
            ("Date", self.date_time_string()),
            ("Content-Type", content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            *headers,
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve_in_turn(make: Callable[[], MetricsServer], stop: Event) -> None:
    """Answer on the port, once no other process does, until told to stop."""
    while not stop.is_set():
        try:
            server = make()
        except OSError:
            stop.wait(_RETRY_SECONDS)
            continue
        with server:
            server.timeout = _RETRY_SECONDS
            while not stop.is_set():
                server.handle_request()


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
