"""Tokens that were never issued, sent to several processes at once: none is accepted.

`make races` sends 10,000 of each kind for each algorithm. `make test` shares a twentieth of that
among the algorithms.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION
from support.keys import tokens_of_a_new_user, write_private_key
from support.paths import LOGIN, ME, REFRESH
from support.processes import PRODUCTION_SECRETS, live_server
from support.races import IS_FULL, PROCESSES, racing_client, scaled
from support.repeating import repeated
from tokens.mutants import Mutator
from userapi.tokens.claims import TokenKind
from userapi.tokens.keys.files import KeyFolder
from userapi.tokens.keys.material import new_private_key
from userapi.tokens.keys.ring import SharedSecret
from userapi.tokens.keys.signing import Algorithm, SigningKey

pytestmark = [pytest.mark.race, pytest.mark.system]

MUTANTS = scaled(10_000) // (1 if IS_FULL else len(Algorithm))
PARALLEL = 8


@dataclass(frozen=True)
class Signing:
    """The key that a service signs with, and the variables that give it the key."""

    key: SigningKey
    variables: dict[str, str]


@pytest.fixture(params=[it if it is Algorithm.EDDSA else repeated(it) for it in Algorithm])
def signing(request: pytest.FixtureRequest, tmp_path: Path) -> Signing:
    """The one key of an algorithm, known to the test too."""
    algorithm: Algorithm = request.param
    if not algorithm.has_key_ring:
        secret = PRODUCTION_SECRETS["JWT_SECRET_KEY"]
        return Signing(SharedSecret(secret=secret).signing_key(), {})
    folder = tmp_path / "keys"
    folder.mkdir()
    write_private_key(folder, "the-key", new_private_key(algorithm))
    (key,) = KeyFolder(folder=folder, algorithm=algorithm).usable_keys()
    return Signing(key, {"JWT_ALGORITHM": algorithm, "JWT_KEYS_DIR": str(folder)})


@pytest.fixture
def url(database_url: str, signing: Signing, tmp_path: Path) -> Iterator[str]:
    """Several server processes that sign with that key."""
    with live_server(database_url, tmp_path, workers=PROCESSES, **signing.variables) as base_url:
        yield base_url


def send(client: httpx.Client, kind: TokenKind, token: str) -> int:
    method, path = ("GET", ME) if kind is TokenKind.ACCESS else ("POST", REFRESH)
    return client.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code


def is_sendable(token: str) -> bool:
    """Say whether a header can carry the token, and does not end before or after it."""
    return token.isascii() and token.isprintable() and token == token.strip() != ""


def test_no_mutant_is_accepted_by_any_process(url: str, signing: Signing) -> None:
    first = tokens_of_a_new_user(url)
    with racing_client(url, PARALLEL) as client, ThreadPoolExecutor(PARALLEL) as pool:
        credentials = {name: REGISTRATION[name] for name in ("email", "password")}
        second = client.post(LOGIN, json=credentials).raise_for_status().json()
        issued = [tokens[f"{kind}_token"] for tokens in (first, second) for kind in TokenKind]
        for kind in TokenKind:
            token = first[f"{kind}_token"]
            mutator = Mutator(token, issued, signing.key, seed=8725)
            sent = [it for it in mutator.mutants(2 * MUTANTS) if is_sendable(it)][:MUTANTS]

            statuses = Counter(pool.map(partial(send, client, kind), sent))

            assert statuses == Counter({401: MUTANTS})
            assert send(client, kind, token) == 200
