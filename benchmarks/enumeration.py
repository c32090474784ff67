"""Measure whether the time of an answer tells that an address has an account.

    PYTHONPATH=tests python -m benchmarks.enumeration [--pairs 1000] [--only sqlite] [--minutes 15]

A real service on loopback, with real costs of hashing and counted failures, gets requests of each
kind: as many with an unknown address as with a known one, in random order. How well their times can
be told apart is the area under the ROC curve; see benchmarks/README.md.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import random
import statistics
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

import httpx
from sqlalchemy.orm import Session

from benchmarks.separation import area_under_curve
from benchmarks.services import DATABASES, NO_LIMIT, new_service
from support.databases import engine_on
from support.paths import EMAIL_RESEND, LOGIN, PASSWORD_FORGOT, USERS
from support.processes import client_of
from userapi.kit.passwords import STANDARD_COST, PasswordHasher
from userapi.throttling.lockout import Lockout
from userapi.users.models import User

WANTED = (0.45, 0.55)
_WARM_UP = 20


@dataclass(frozen=True)
class Flow:
    """Requests of one kind: where they go, what they say besides the address, and the answer.

    Each address is used `each` times.
    """

    name: str
    path: str
    status: int
    body: dict[str, str] = field(default_factory=dict)
    each: int = 1

    def ask(self, client: httpx.Client, email: str) -> float:
        """Send a request about an address; return how long the answer took."""
        began = time.perf_counter()
        answer = client.post(self.path, json={"email": email, **self.body})
        seconds = time.perf_counter() - began
        if answer.status_code != self.status:
            sys.exit(f"{self.name} was answered with {answer.status_code}: {answer.text}")
        return seconds


FLOWS = (
    # As often as an address is free of delays.
    Flow("login", LOGIN, 401, {"password": "a wrong password"}, Lockout().free_failures),
    Flow(
        "register",
        USERS,
        202,
        {"password": "enigma bombe", "first_name": "Ada", "last_name": "Lovelace"},
    ),
    Flow("resend", EMAIL_RESEND, 202),
    Flow("forgot", PASSWORD_FORGOT, 202),
)


@dataclass
class Times:
    """How long the answers took, in seconds."""

    unknown: list[float] = field(default_factory=list)
    known: list[float] = field(default_factory=list)

    @property
    def area(self) -> float:
        """How well a known address can be told from an unknown one; 0.5 is not at all."""
        return area_under_curve(self.unknown, self.known)

    def __str__(self) -> str:
        medians = [statistics.median(it) * 1000 for it in (self.unknown, self.known)]
        return (
            f"{len(self.known)} pairs, AUC {self.area:.3f}, "
            f"medians {medians[0]:.2f} ms unknown and {medians[1]:.2f} ms known"
        )


def main() -> int:
    """Measure; return 0 when no database tells known addresses from unknown ones."""
    wanted = _arguments()
    deadline = time.monotonic() + wanted.minutes * 60
    flows = [flow for flow in FLOWS if wanted.flow in (None, flow.name)]
    areas = []
    for name in DATABASES if wanted.only is None else (wanted.only,):
        with _service(name, accounts=wanted.pairs + _WARM_UP) as url:
            for flow in flows:
                times = _measure(url, flow, wanted.pairs, deadline)
                print(f"{flow.name}, {name}: {times}", flush=True)
                areas.append(times.area)
    return 0 if all(WANTED[0] <= area <= WANTED[1] for area in areas) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000, help="how many pairs of requests")
    parser.add_argument("--only", choices=DATABASES, help="one database")
    parser.add_argument("--flow", choices=[it.name for it in FLOWS], help="one kind of requests")
    parser.add_argument("--minutes", type=float, default=15, help="the longest that it may take")
    return parser.parse_args()


def _measure(url: str, flow: Flow, pairs: int, deadline: float) -> Times:
    times = Times()
    # What a request leaves to be done slows those of both kinds that follow it.
    order = [(kind, number) for kind in ("unknown", "known") for number in range(pairs)]
    random.Random(0).shuffle(order)  # noqa: S311 - which one comes first is no secret
    warm_up = [("unknown", number) for number in range(-_WARM_UP, 0)]
    with client_of(url) as client:
        for kind, number in [*warm_up, *order]:
            if time.monotonic() > deadline:
                sys.exit("It takes too long; the rest was left out.")
            account = (number + _WARM_UP) // flow.each
            seconds = flow.ask(client, f"{kind}{account:04}@example.com")
            if number >= 0:
                getattr(times, kind).append(seconds)
    return times


def _service(database: str, accounts: int) -> AbstractContextManager[str]:
    """Serve a database with so many accounts; the URL is yielded."""
    return new_service(
        database,
        partial(_add_accounts, accounts=accounts),
        WEB_CONCURRENCY="1",
        LOG_LEVEL="ERROR",
        REGISTRATION="private",
        RATELIMIT_FAILED_LOGINS=NO_LIMIT,
        RATELIMIT_FAILED_LOGINS_BY_NETWORK=NO_LIMIT,
        RATELIMIT_REGISTER=NO_LIMIT,
        RATELIMIT_REGISTRATIONS_OVERALL=NO_LIMIT,
        RATELIMIT_EMAIL=NO_LIMIT,
        RATELIMIT_PASSWORD=NO_LIMIT,
    )


def _add_accounts(database_url: str, accounts: int) -> None:
    hashed = PasswordHasher(cost=STANDARD_COST).hash("correct horse battery")
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    with engine_on(database_url) as engine, Session(engine) as session:
        session.add_all(
            User(email=f"known{number:04}@example.com", password_hash=hashed, **names)
            for number in range(accounts)
        )
        session.commit()


if __name__ == "__main__":
    sys.exit(main())
