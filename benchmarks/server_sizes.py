"""Measure how many processes and threads serve best.

    PYTHONPATH=tests python -m benchmarks.server_sizes [--rounds 20] [--seconds 1]

All sizes are started; then each is asked in turn, in every round and from another one on: profiles
by 16 connections that ask again at once, then the same beside two that log in. The others rest
meanwhile. Prints profiles a second and the 99th of 100 times, and the ratio to the default size
within the same round: the median, and the middle half of the rounds.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import contextlib
import itertools
import json
import statistics
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.services import DATABASES, new_service
from benchmarks.slow_clients import ACCOUNT, add_account
from benchmarks.speed.load import Answers, Load, ask
from support.paths import LOGIN, ME
from support.processes import client_of

_CONNECTIONS = 16
_LOGINS = 2


class Size(NamedTuple):
    """How many processes, and how many threads each of them has."""

    processes: int
    threads: int


class Figures(NamedTuple):
    """Profiles a second alone and beside log-ins, each with the 99th of 100 times in ms."""

    alone: float
    alone_ms: float
    beside: float
    beside_ms: float


_DEFAULT = Size(2, 8)
_SIZES = (
    *(Size(1, 8), Size(2, 2), Size(2, 4), _DEFAULT),
    *(Size(2, 16), Size(4, 4), Size(4, 8), Size(8, 8)),
)


@dataclass
class Server:
    """A service of a size, and what was seen of it in each round."""

    address: tuple[str, int]
    token: str
    seen: list[Figures] = field(default_factory=list)

    def measure(self, seconds: float) -> None:
        """Ask it for so long, alone and beside log-ins."""
        profiles = Load(self.address, itertools.repeat(_profile(self.token)), _CONNECTIONS)
        logins = Load(self.address, itertools.repeat(_login()), _LOGINS)
        alone = ask(profiles, seconds)
        beside = threading.Thread(target=ask, args=(logins, seconds))
        beside.start()
        busy = ask(profiles, seconds)
        beside.join()
        self.seen.append(Figures(*_rate(alone), *_rate(busy)))


def main() -> None:
    """Measure every size in each round, and print the table."""
    wanted = _arguments()
    with contextlib.ExitStack() as stack:
        servers = {
            size: stack.enter_context(_serving(size, wanted.database, wanted.seconds))
            for size in _SIZES
        }
        for number in range(wanted.rounds):
            first = number % len(_SIZES)
            for size in (*_SIZES[first:], *_SIZES[:first]):
                servers[size].measure(wanted.seconds)
    print("| processes x threads | profiles/s | p99 ms | ratio | beside log-ins | p99 ms | ratio |")
    print("|---|---|---|---|---|---|---|")
    default = servers[_DEFAULT].seen
    for size, server in servers.items():
        middle = Figures(*(statistics.median(each) for each in zip(*server.seen, strict=True)))
        pairs = list(zip(server.seen, default, strict=True))
        alone = _spread([mine.alone / usual.alone for mine, usual in pairs])
        beside = _spread([mine.beside / usual.beside for mine, usual in pairs])
        print(
            f"| {size.processes} x {size.threads} | {middle.alone:.0f} | {middle.alone_ms:.0f}"
            f" | {alone} | {middle.beside:.0f} | {middle.beside_ms:.0f} | {beside} |"
        )


@contextlib.contextmanager
def _serving(size: Size, database: str, seconds: float) -> Iterator[Server]:
    """Serve with that size, warm from one measurement that does not count."""
    settings = {"WEB_CONCURRENCY": str(size.processes), "WEB_THREADS": str(size.threads)}
    quiet = {"LOG_LEVEL": "ERROR", "JWT_ACCESS_TOKEN_EXPIRES": "86400"}
    with new_service(database, add_account, **settings, **quiet) as url:
        with client_of(url) as client:
            login = client.post(LOGIN, json=ACCOUNT).raise_for_status()
        server = Server(_address(url), login.json()["access_token"])
        server.measure(seconds)
        server.seen.clear()
        yield server


def _spread(ratios: Sequence[float]) -> str:
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return f"{middle:.2f} [{low:.2f}-{high:.2f}]"


def _rate(answers: Answers) -> Iterator[float]:
    if answers.failures:
        raise RuntimeError(answers.refusals)
    yield len(answers.times) / answers.seconds
    yield 1000 * statistics.quantiles(answers.times, n=100)[-1]


def _address(url: str) -> tuple[str, int]:
    address = urlsplit(url)
    return str(address.hostname), address.port or 0


def _profile(token: str) -> bytes:
    return f"GET {ME} HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def _login() -> bytes:
    body = json.dumps(ACCOUNT)
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=20, help="at least 2")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    return parser.parse_args()


if __name__ == "__main__":
    main()
