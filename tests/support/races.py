"""Requests that race each other to real processes."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import httpx

from support.accounts import PASSWORD, Headers, Login, bearer
from support.paths import LOGIN
from support.processes import client_of

R = TypeVar("R")

ROUNDS = int(os.environ.get("USERAPI_RACE_ROUNDS", "1"))
"""How often a race is run: once by `make test`, at its full count by `make races`."""

ROLE_ROUNDS = 4 * ROUNDS
"""How often two admins demote each other: 200 times by `make races`."""
_FULL_ROUNDS = 50
"""What `make races` sets `ROUNDS` to."""

PROCESSES = int(os.environ.get("USERAPI_RACE_PROCESSES", "2"))
"""How many processes serve the requests: two for `make test`, four for `make races`."""

IS_FULL = ROUNDS >= _FULL_ROUNDS
"""Whether the races are run at their full counts."""


def scaled(full: int) -> int:
    """Return how many rounds a race of `full` rounds has now: all of them in `make races`."""
    return max(1, full * min(ROUNDS, _FULL_ROUNDS) // _FULL_ROUNDS)


def racing_client(url: str, parallel: int) -> httpx.Client:
    """Return a client that can have that many requests under way.

    Each request has a connection of its own, so that any of the processes may answer it. And no
    connection is idle, which either side could give up while a request is being sent on it.
    """
    limits = httpx.Limits(max_connections=parallel)
    return client_of(url, timeout=60, limits=limits, headers={"Connection": "close"})


def race(actions: Sequence[Callable[[], R]]) -> list[R]:
    """Start all `actions` at the same moment; return their results."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], R]) -> R:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def open_login_over_http(client: httpx.Client, email: str) -> Login:
    """Log in as the account with that address; return both tokens."""
    answer = client.post(LOGIN, json={"email": email, "password": PASSWORD})
    return login_in(answer)


def login_in(answer: httpx.Response) -> Login:
    """Return the tokens that a login or a refresh is answered with."""
    tokens = answer.json()
    return Login(access=bearer(tokens["access_token"]), refresh=bearer(tokens["refresh_token"]))


def log_in_over_http(client: httpx.Client, email: str) -> Headers:
    """Return the headers of a request by the account with that address."""
    return open_login_over_http(client, email).access
