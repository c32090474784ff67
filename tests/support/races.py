"""Requests that race each other to real processes."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import httpx

from support.accounts import PASSWORD, Headers, bearer
from support.paths import LOGIN
from support.processes import client_of

R = TypeVar("R")

ROUNDS = int(os.environ.get("USERAPI_RACE_ROUNDS", "3"))
"""How often a race is run: a few times by `make test`, at its full count by `make races`."""

ROLE_ROUNDS = 4 * ROUNDS
"""How often two admins demote each other: 200 times by `make races`."""

PROCESSES = int(os.environ.get("USERAPI_RACE_PROCESSES", "2"))
"""How many processes serve the requests: two for `make test`, four for `make races`."""


def racing_client(url: str, parallel: int) -> httpx.Client:
    """Return a client that can have that many requests under way."""
    # An idle connection is given up before the server gives it up.
    limits = httpx.Limits(
        max_connections=parallel, max_keepalive_connections=parallel, keepalive_expiry=2
    )
    return client_of(url, timeout=60, limits=limits)


def race(actions: list[Callable[[], R]]) -> list[R]:
    """Start all `actions` at the same moment; return their results."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], R]) -> R:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def log_in_over_http(client: httpx.Client, email: str) -> Headers:
    """Return the headers of a request by the account with that address."""
    answer = client.post(LOGIN, json={"email": email, "password": PASSWORD})
    return bearer(answer.json()["access_token"])
