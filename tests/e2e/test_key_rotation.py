"""Keys change while several processes serve: no request fails, a retired key ends its tokens."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import httpx
import jwt
import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, add_user, bearer
from support.databases import engine_on
from support.keys import key_command
from support.paths import JWKS, LOGIN, LOGOUT, ME, REFRESH
from support.processes import live_server
from support.races import IS_FULL, PROCESSES, racing_client
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher

pytestmark = [pytest.mark.race, pytest.mark.system]

VARIABLES = {"JWT_ALGORITHM": "EdDSA", "JWKS_MAX_AGE": "1"}
EMAIL = "ada@example.com"
TAKES_OVER_WITHIN = 20
RETIRES_WITHIN = 1
"""How old the keys of a process may be under test, in seconds."""
LOADERS = PROCESSES - 1
REST = 0 if IS_FULL else 0.2
"""How many seconds a loader rests between two logins: `make test` leaves the machine to others."""


@pytest.fixture
def keys(database_url: str, tmp_path: Path) -> Callable[..., str]:
    """Runs `userapi keys`."""
    return partial(key_command, database_url, tmp_path, **VARIABLES)


@pytest.fixture
def url(
    database_url: str,
    tmp_path: Path,
    keys: Callable[..., str],
    settings: Settings,
) -> Iterator[str]:
    """Several server processes that sign with a first key, and know one account."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    with engine_on(database_url) as engine, Session(engine) as session:
        add_user(session, hashed, email=EMAIL)
    keys("generate")
    with live_server(database_url, tmp_path, workers=PROCESSES, **VARIABLES) as base_url:
        yield base_url


def log_in(client: httpx.Client) -> dict[str, str]:
    answer = client.post(LOGIN, json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    tokens: dict[str, str] = answer.json()
    return tokens


def key_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def load(client: httpx.Client, done: Event) -> Counter[tuple[str, int]]:
    """Log in, read, refresh and log out until the test is done; return how that was answered.

    Sessions that stayed would soon be more than a user may have, and the first one would end.
    """
    answers: Counter[tuple[str, int]] = Counter()
    while not done.is_set():
        login = client.post(LOGIN, json={"email": EMAIL, "password": PASSWORD})
        answers["login", login.status_code] += 1
        tokens = login.json()
        for _ in range(5):
            read = client.get(ME, headers=bearer(tokens["access_token"]))
            answers["read", read.status_code] += 1
            refreshed = client.post(REFRESH, headers=bearer(tokens["refresh_token"]))
            answers["refresh", refreshed.status_code] += 1
            tokens = {**tokens, **refreshed.json()}
        left = client.post(LOGOUT, headers=bearer(tokens["refresh_token"]))
        answers["logout", left.status_code] += 1
        answers["jwks", client.get(JWKS).status_code] += 1
        done.wait(REST)
    return answers


def until_signed_with(client: httpx.Client, key_id: str) -> dict[str, str]:
    """Log in until that key signs; return the tokens."""
    deadline = time.monotonic() + TAKES_OVER_WITHIN
    while time.monotonic() < deadline:
        tokens = log_in(client)
        if key_of(tokens["access_token"]) == key_id:
            return tokens
        time.sleep(0.2)
    pytest.fail(f"the key {key_id} did not take over")


def test_two_rotations_under_load_fail_no_request(url: str, keys: Callable[..., str]) -> None:
    done = Event()
    with racing_client(url, 2 * LOADERS) as client, ThreadPoolExecutor(LOADERS) as pool:
        first = log_in(client)
        loaders = [pool.submit(load, client, done) for _ in range(LOADERS)]
        try:
            second_key, third_key = keys("rotate"), keys("rotate")
            third = until_signed_with(client, third_key)
        finally:
            done.set()
        answers = sum((loader.result() for loader in loaders), Counter())

        assert {status for _, status in answers} == {200}, answers
        assert {name for name, _ in answers} == {"login", "read", "refresh", "logout", "jwks"}
        published = [key["kid"] for key in client.get(JWKS).json()["keys"]]
        assert published == [key_of(first["access_token"]), second_key, third_key]
        for tokens in (first, third):
            assert client.get(ME, headers=bearer(tokens["access_token"])).status_code == 200


def test_a_retired_key_is_refused_by_every_process(url: str, keys: Callable[..., str]) -> None:
    with racing_client(url, 8) as client:
        old = log_in(client)
        new = until_signed_with(client, keys("rotate"))

        keys("retire", key_of(old["access_token"]))
        time.sleep(RETIRES_WITHIN)

        with ThreadPoolExecutor(8) as pool:
            refused = list(pool.map(partial(read, client), [old["access_token"]] * 40))
            served = list(pool.map(partial(read, client), [new["access_token"]] * 40))
        assert (set(refused), set(served)) == ({401}, {200})
        refreshed = client.post(REFRESH, headers=bearer(old["refresh_token"]))
        assert refreshed.json()["code"] == "token-invalid"


def read(client: httpx.Client, token: str) -> int:
    return client.get(ME, headers=bearer(token)).status_code
