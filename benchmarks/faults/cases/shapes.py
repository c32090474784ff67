"""Clients that are slow, and requests that are too much (F9, F10)."""

import gzip
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from benchmarks.faults.case import SQLITE, Bench, Case, Findings, Seen
from benchmarks.faults.service import Service
from benchmarks.slow_clients import Peak, calls, service, slow_clients
from benchmarks.speed.processes import resident_mebibytes
from benchmarks.steady_client import ask_for, together
from support.paths import LIVE, LOGIN

_KINDS = ("heads", "bodies", "readers")
_MEBIBYTES = 100.0
_ANSWER_SECONDS = 1.0
_LEAST_SECONDS = 0.1
_REFUSALS = {400, 411, 413, 414, 415, 431}
_BYTES_AT_MOST = 1 << 30
_PIECE = b"a" * 65_536
_POST = f"POST {LOGIN} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"


def slow(bench: Bench) -> Seen:
    """Have crowds of slow clients beside others."""
    found = Findings()
    seconds, count = bench.pick(60, 5), bench.pick(500, 100)
    with service(bench.kind, 280) as served:
        before = served.mebibytes
        quiet = together(ask_for(served.url, bench.pick(10, 3), calls(served))).quantile(0.99)
        found.tell(f"without them 99 of 100 within {1000 * quiet:.0f} ms")
        for kind in _KINDS:
            peak = Peak(served)
            with peak, slow_clients(served, kind, count, seconds + 2):
                record = together(ask_for(served.url, seconds, calls(served)))
            worst, grown = record.quantile(0.99), peak.mebibytes - before
            found.demand(
                f"beside {count} slow {kind} {100 * record.share:.2f} % answered",
                holds=record.share == 1,
            )
            found.within("99 of 100", worst, max(2 * quiet, _LEAST_SECONDS))
            found.demand(f"{grown:+.0f} MiB", holds=grown <= 2 * _MEBIBYTES)
    return found.seen()


def oversize(bench: Bench) -> Seen:
    """Send what is far too much, of each kind."""
    found = Findings()
    with bench.database() as database, bench.service(database) as served:
        pids = served.workers
        _send(served, iter([f"GET {LIVE} HTTP/1.1\r\nHost: api\r\n\r\n".encode()]))
        for name, pieces in _requests().items():
            before = _memory(served)
            began = time.monotonic()
            status = _send(served, pieces)
            seconds, grown = time.monotonic() - began, _memory(served) - before
            is_right = status in _REFUSALS and seconds < _ANSWER_SECONDS and grown < 10  # noqa: PLR2004 - MiB
            found.demand(f"{name}: {status} in {seconds:.2f} s, {grown:+.0f} MiB", holds=is_right)
        left = sum(pid in served.workers for pid in pids)
        found.demand(f"{left} of {len(pids)} processes left", holds=left == len(pids))
    return found.seen()


def _requests() -> dict[str, Iterator[bytes]]:
    bomb = gzip.compress(b" " * (100 << 20))
    deep = b"[" * 1_000_000
    return {
        "1 GB with its length": _endless(
            f"{_POST}Content-Length: {_BYTES_AT_MOST}\r\n\r\n", _PIECE
        ),
        "1 GB in chunks": _endless(
            f"{_POST}Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + _PIECE + b"\r\n"
        ),
        "100,000 headers": _endless(
            f"GET {LIVE} HTTP/1.1\r\nHost: api\r\n", b"X-A: b\r\n" * 1000, 100
        ),
        "a URL of 64 kB": iter([f"GET /{'a' * 65_536} HTTP/1.1\r\nHost: api\r\n\r\n".encode()]),
        "a gzip bomb": iter(
            [
                f"{_POST}Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
                + bomb
            ]
        ),
        "JSON 1,000,000 deep": iter(
            [f"{_POST}Content-Length: {len(deep)}\r\n\r\n".encode() + deep]
        ),
    }


def _endless(
    head: str, piece: bytes, times: int = _BYTES_AT_MOST // len(_PIECE)
) -> Iterator[bytes]:
    yield head.encode()
    for _ in range(times):
        yield piece


def _send(served: Service, pieces: Iterator[bytes]) -> int | None:
    """Send until an answer comes; return its status."""
    address = urlsplit(served.url)
    with socket.create_connection((str(address.hostname), address.port or 0), 10) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                break
        try:
            answer = connection.recv(1 << 16)
        except OSError:
            return None
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else None


def _memory(served: Service) -> float:
    return sum(map(resident_mebibytes, served.workers))


CASES = (
    Case(
        "F9",
        "500 slow clients of each kind for 60 s: heads, bodies, readers",
        "others 100 % answered, 99 of 100 within twice the time (or 0.1 s);"
        " at most 100 MiB more for each process",
        slow,
        minutes=8,
    ),
    Case(
        "F10",
        "1 GB of body, 1 GB in chunks, 100,000 headers, a URL of 64 kB, a gzip bomb, deep JSON",
        "refused in 1 s; less than 10 MiB more; the same processes",
        oversize,
        quick=(SQLITE,),
    ),
)
