"""Measure how many processes and threads serve best.

    PYTHONPATH=tests python -m benchmarks.server_sizes [--rounds 3] [--seconds 3]

Each size serves in turn, in every round: profiles to 16 connections that ask again at once, then
the same beside two that log in. Prints requests a second and the 99th of 100 times, and the ratio
to the default size within the same round, with its spread.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import itertools
import json
import statistics
import threading
from collections import defaultdict
from collections.abc import Iterator
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


_DEFAULT = Size(2, 8)
_SIZES = (
    *(Size(1, 8), Size(2, 2), Size(2, 4), _DEFAULT),
    *(Size(2, 16), Size(4, 4), Size(4, 8), Size(8, 8)),
)


Figures = tuple[float, ...]
"""Profiles a second alone and beside log-ins, each with the 99th of 100 times in ms."""


def main() -> None:
    """Measure every size in each round, and print the table."""
    wanted = _arguments()
    seen: dict[Size, list[Figures]] = defaultdict(list)
    for _ in range(wanted.rounds):
        for size in _SIZES:
            seen[size].append(_measure(size, wanted.database, wanted.seconds))
    print("| processes x threads | profiles/s | p99 ms | beside log-ins | p99 ms | ratio, spread |")
    print("|---|---|---|---|---|---|")
    for size, rounds in seen.items():
        ratios = [
            mine[0] / default[0] for mine, default in zip(rounds, seen[_DEFAULT], strict=True)
        ]
        middle = [statistics.median(values) for values in zip(*rounds, strict=True)]
        spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
        figures = " | ".join(f"{figure:.0f}" for figure in middle)
        name = f"{size.processes} x {size.threads}"
        print(f"| {name} | {figures} | {statistics.median(ratios):.2f} [{spread}] |")


def _measure(size: Size, database: str, seconds: float) -> Figures:
    settings = {"WEB_CONCURRENCY": str(size.processes), "WEB_THREADS": str(size.threads)}
    quiet = {"LOG_LEVEL": "ERROR", "JWT_ACCESS_TOKEN_EXPIRES": "3600"}
    with new_service(database, add_account, **settings, **quiet) as url, client_of(url) as client:
        token = client.post(LOGIN, json=ACCOUNT).raise_for_status().json()["access_token"]
        profiles = Load(_address(url), itertools.repeat(_profile(token)), _CONNECTIONS)
        ask(profiles, 1)
        alone = ask(profiles, seconds)
        logins = Load(_address(url), itertools.repeat(_login()), _LOGINS)
        beside = threading.Thread(target=ask, args=(logins, seconds))
        beside.start()
        busy = ask(profiles, seconds)
        beside.join()
    return (*_rate(alone), *_rate(busy))


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
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    return parser.parse_args()


if __name__ == "__main__":
    main()
