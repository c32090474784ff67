"""Measure whether the time of a failed login tells that an address has an account.

    PYTHONPATH=tests python -m benchmarks.enumeration [--pairs 1000] [--only sqlite] [--minutes 15]

A real service on loopback, with real costs of hashing and counted failures, gets wrong logins: one
with an unknown address and one with a known one, in turns. How well their times can be told apart
is the area under the ROC curve; see benchmarks/README.md.
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
from support.paths import LOGIN
from support.processes import client_of
from userapi.kit.passwords import STANDARD_COST, PasswordHasher
from userapi.throttling.lockout import Lockout
from userapi.users.models import User

WANTED = (0.45, 0.55)
_WARM_UP = 20
_EACH = Lockout().free_failures
_UNAUTHORIZED = 401


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
    areas = []
    for name in DATABASES if wanted.only is None else (wanted.only,):
        with _service(name, accounts=-(-(wanted.pairs + _WARM_UP) // _EACH)) as url:
            times = _measure(url, wanted.pairs, deadline)
        print(f"{name}: {times}", flush=True)
        areas.append(times.area)
    return 0 if all(WANTED[0] <= area <= WANTED[1] for area in areas) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=1000, help="how many pairs of logins")
    parser.add_argument("--only", choices=DATABASES, help="one database")
    parser.add_argument("--minutes", type=float, default=15, help="the longest that it may take")
    return parser.parse_args()


def _measure(url: str, pairs: int, deadline: float) -> Times:
    times = Times()
    chance = random.Random(0)  # noqa: S311 - which one comes first is no secret
    with client_of(url) as client:
        for number in range(-_WARM_UP, pairs):
            if time.monotonic() > deadline:
                sys.exit("It takes too long; the rest was left out.")
            account = (number + _WARM_UP) // _EACH
            kinds = [("unknown", times.unknown), ("known", times.known)]
            chance.shuffle(kinds)
            for kind, sample in kinds:
                seconds = _wrong_login(client, f"{kind}{account:04}@example.com")
                if number >= 0:
                    sample.append(seconds)
    return times


def _wrong_login(client: httpx.Client, email: str) -> float:
    began = time.perf_counter()
    answer = client.post(LOGIN, json={"email": email, "password": "a wrong password"})
    seconds = time.perf_counter() - began
    if answer.status_code != _UNAUTHORIZED:
        sys.exit(f"a wrong login was answered with {answer.status_code}: {answer.text}")
    return seconds


def _service(database: str, accounts: int) -> AbstractContextManager[str]:
    """Serve a database with so many accounts; the URL is yielded."""
    return new_service(
        database,
        partial(_add_accounts, accounts=accounts),
        WEB_CONCURRENCY="1",
        LOG_LEVEL="WARNING",
        RATELIMIT_FAILED_LOGINS=NO_LIMIT,
        RATELIMIT_FAILED_LOGINS_BY_NETWORK=NO_LIMIT,
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
