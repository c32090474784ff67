"""Measure what slow clients take from others, with `userapi serve` alone on two processes.

    PYTHONPATH=tests python -m benchmarks.slow_clients [--counts 30 500] [--seconds 60]

Crowds of each kind of slow client (benchmarks/crowds.py) keep their connections open, while a
steady client asks for life, its profile, a change and a log-in. Ends with a status that is not
zero when one of its calls is not answered, or the 99th of 100 takes a second or more.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from benchmarks.crowds import KINDS
from benchmarks.services import DATABASES, NO_LIMIT, new_service
from benchmarks.steady_client import Call, Record, ask_for, together
from support.accounts import add_user
from support.databases import engine_on
from support.paths import LIVE, LOGIN, ME
from support.processes import children_of, client_of
from userapi.kit.passwords import STANDARD_COST, PasswordHasher
from userapi.posts.models import Post

POSTS = "/api/v1/posts"
HEAVIEST = f"{POSTS}?per_page=100"
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
_LONGEST = 1.0
_PATIENT_TOKENS = {"JWT_ACCESS_TOKEN_EXPIRES": "86400"}
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Service:
    """A running server, an access token for it, and its processes."""

    url: str
    token: str
    pids: list[int]

    @property
    def headers(self) -> dict[str, str]:
        """What a signed-in caller sends."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def mebibytes(self) -> float:
        """How much memory the processes that serve have between them."""
        pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids]
        return sum(pages) * 4096 / 2**20


def main() -> int:
    """Measure; return 0 when nobody is kept waiting."""
    wanted = _arguments()
    fine = True
    with service(wanted.database, wanted.post_length) as served:
        print(f"{wanted.database}, {wanted.seconds:g} s each, {served.mebibytes:.0f} MiB at first")
        for kind in wanted.kinds:
            for count in wanted.counts:
                fine = measure(served, kind, count, wanted.seconds) and fine
    return 0 if fine else 1


def measure(served: Service, kind: str, count: int, seconds: float) -> bool:
    """Measure beside so many clients of a kind; print a line and say whether all is well."""
    before, peak = served.mebibytes, Peak(served)
    with peak, slow_clients(served, kind, count, seconds + 2):
        records = ask_for(served.url, seconds, calls(served))
    everything, live = together(records), records["live"]
    print(
        f"| {kind} | {count} | {len(everything.seconds) + len(everything.failures)} "
        f"| {100 * everything.share:.2f} % | {_times(everything)} | {_times(live)} "
        f"| {before:.0f} | {peak.mebibytes:.0f} |",
        flush=True,
    )
    for failure in everything.failures[:5]:
        print(f"  {failure}", flush=True)
    return everything.share == 1 and everything.quantile(0.99) < _LONGEST


def calls(served: Service) -> list[Call]:
    """Return what the steady client asks for."""
    signed_in = served.headers
    post = {"title": "Notes", "content": "It weaves algebraical patterns."}
    return [
        Call("live", 0.05, "GET", LIVE, 200),
        Call("read", 0.1, "GET", ME, 200, signed_in),
        Call("write", 0.5, "POST", POSTS, 201, {**signed_in, **_JSON}, post),
        Call("login", 2, "POST", LOGIN, 200, _JSON, ACCOUNT),
    ]


@contextlib.contextmanager
def slow_clients(served: Service, kind: str, count: int, seconds: float) -> Iterator[None]:
    """Have so many slow clients of a kind, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.crowds", kind, "--url", served.url]
    command += ["--count", str(count), "--seconds", str(seconds)]
    if not KINDS[kind].reads:
        command += [
            "--ask",
            HEAVIEST,
            "--header",
            f"Authorization: {served.headers['Authorization']}",
        ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        time.sleep(1)
        try:
            yield
        finally:
            process.terminate()


class Peak:
    """Looks ten times a second how much memory the service has."""

    def __init__(self, served: Service) -> None:
        self.mebibytes = 0.0
        self._served = served
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """End."""
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.1):
            self.mebibytes = max(self.mebibytes, self._served.mebibytes)


@contextlib.contextmanager
def service(database: str, post_length: int) -> Iterator[Service]:
    """Serve a database with an account and 100 posts of that length, all gone afterwards."""
    settings = {"LOG_LEVEL": "ERROR", "RATELIMIT_WRITES": NO_LIMIT} | _PATIENT_TOKENS
    fill = partial(_add_posts, length=post_length)
    with new_service(database, fill, **settings) as url, client_of(url) as client:
        token = client.post(LOGIN, json=ACCOUNT).json()["access_token"]
        yield Service(url, token, _processes(url))


def add_account(database_url: str) -> int:
    """Add the account to a database; return its id."""
    hashed = PasswordHasher(cost=STANDARD_COST).hash(ACCOUNT["password"])
    with engine_on(database_url) as engine, Session(engine) as session:
        return add_user(session, hashed, email=ACCOUNT["email"]).id


def _add_posts(database_url: str, length: int) -> None:
    author_id = add_account(database_url)
    with engine_on(database_url) as engine, Session(engine) as session:
        content = "\U0001f600" * length
        session.add_all(
            Post(title="Long", content=content, author_id=author_id) for _ in range(100)
        )
        session.commit()


def _processes(url: str) -> list[int]:
    """Return the ids of the processes that serve that URL."""
    told = f"PORT={urlsplit(url).port}"
    servers = set()
    for found in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if told in found.read_text().split("\0"):
                servers.add(int(found.parent.name))
    # The one that started them only looks after them.
    return sorted(child for server in servers for child in children_of(server))


def _times(record: Record) -> str:
    return " / ".join(f"{1000 * record.quantile(part):.0f}" for part in (0.5, 0.99)) + " ms"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=[30, 500], help="how many clients")
    parser.add_argument("--seconds", type=float, default=60, help="how long beside each crowd")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="which")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--post-length", type=int, default=280, help="of what readers ask for")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
