"""Clients that are slow on purpose, for `benchmarks.slow_clients` and the tests.

    python -m benchmarks.crowds KIND --url http://127.0.0.1:5000 --count 30 --seconds 60

keeps so many connections of a kind open for so long: whoever is disconnected comes again at once.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import contextlib
import resource
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_SOURCE = "127.0.0.2"
_PAUSE = 0.5
_PIPELINED = 8


@dataclass(frozen=True)
class Kind:
    """A kind of slow client: what it says at once, and what now and then."""

    opening: bytes
    drip: bytes = b""
    reads: bool = True


def _request(line: str, *headers: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "Host: api", *headers, ""]).encode()


_LOGIN = "POST /api/v1/auth/login"
_JSON = "Content-Type: application/json"

KINDS = {
    "silent": Kind(b""),
    "heads": Kind(_request("GET /health/live") + b"X-Slow: ", b"a"),
    "bodies": Kind(_request(_LOGIN, _JSON, "Content-Length: 100000") + b"\r\n", b" "),
    "chunks": Kind(
        _request(_LOGIN, _JSON, "Transfer-Encoding: chunked") + b"\r\n", b"1;a=b\r\n \r\n"
    ),
    "large-bodies": Kind(
        _request(_LOGIN, _JSON, "Content-Length: 1048576") + b"\r\n" + b" " * 1_000_000, b" "
    ),
    "continuing": Kind(
        _request(_LOGIN, _JSON, "Content-Length: 100000", "Expect: 100-continue") + b"\r\n", b" "
    ),
    "readers": Kind(b"", reads=False),
}
"""The kinds by name; what readers ask for is told at the command line."""


@dataclass
class Crowd:
    """So many connections of a kind."""

    kind: Kind
    address: tuple[str, int]
    sockets: list[socket.socket | None] = field(default_factory=list)
    opened: int = 0

    def tend(self) -> None:
        """Open what was closed, and have every connection say a little more."""
        for number, sock in enumerate(self.sockets):
            if sock is None or not self._goes_on(sock):
                self.sockets[number] = self._open()

    def close(self) -> None:
        """Close all connections."""
        for sock in self.sockets:
            if sock is not None:
                sock.close()

    def _open(self) -> socket.socket | None:
        sock = socket.socket()
        if not self.kind.reads:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Another address than that of the clients who are to be answered.
        sock.bind((_SOURCE, 0))
        sock.settimeout(2)
        try:
            sock.connect(self.address)
            sock.setblocking(False)
            sock.send(self.kind.opening)
        except OSError:
            sock.close()
            return None
        self.opened += 1
        return sock

    def _goes_on(self, sock: socket.socket) -> bool:
        try:
            if self.kind.drip:
                sock.send(self.kind.drip)
            if self.kind.reads:
                with contextlib.suppress(BlockingIOError):
                    if not sock.recv(65_536):
                        raise ConnectionResetError
            elif sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise ConnectionResetError
        except BlockingIOError:
            return True
        except OSError:
            sock.close()
            return False
        return True


def main() -> None:
    """Keep the connections of one kind open for some time."""
    wanted = _arguments()
    _allow_files(wanted.count + 100)
    kind = KINDS[wanted.kind]
    if wanted.ask:
        asked = [_request(f"GET {wanted.ask}", *wanted.header) + b"\r\n"] * _PIPELINED
        kind = Kind(b"".join(asked), reads=kind.reads)
    url = urlsplit(wanted.url)
    crowd = Crowd(kind, (str(url.hostname), url.port or 80), [None] * wanted.count)
    end = time.monotonic() + wanted.seconds
    try:
        while (began := time.monotonic()) < end:
            crowd.tend()
            time.sleep(max(0.05, began + _PAUSE - time.monotonic()))
    finally:
        crowd.close()
    print(crowd.opened)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--url", required=True, help="where the server is")
    parser.add_argument("--count", type=int, default=30, help="how many connections")
    parser.add_argument("--seconds", type=float, default=60, help="for how long")
    parser.add_argument("--ask", default="", help="what readers ask for")
    parser.add_argument("--header", action="append", default=[], help="with which headers")
    return parser.parse_args()


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


if __name__ == "__main__":
    main()
