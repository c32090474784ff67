"""Another service verifies our tokens with nothing but the public keys: PyJWT's own client.

What it does is what docs/signing-keys.md prints.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, add_user
from support.documents import program_in
from support.keys import key_command
from support.paths import LOGIN
from support.processes import client_of, live_server
from userapi.kit.passwords import PasswordHasher
from userapi.settings import Settings

EMAIL = "ada@example.com"
PRINTED_ADDRESS = "http://127.0.0.1:5000"


@pytest.fixture(params=["EdDSA", "ES256"])
def url(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path: Path,
    committed: Session,
    settings: Settings,
) -> Iterator[str]:
    """A server that signs with a key, and knows one account."""
    add_user(committed, PasswordHasher(cost=settings.hashing_cost).hash(PASSWORD), email=EMAIL)
    committed.rollback()
    variables = {"JWT_ALGORITHM": request.param}
    key_command(database_url, tmp_path, "generate", **variables)
    with live_server(database_url, tmp_path, **variables) as base_url:
        yield base_url


@pytest.fixture
def tokens(url: str) -> dict[str, str]:
    """Both tokens of a login."""
    with client_of(url) as client:
        answer: dict[str, str] = client.post(
            LOGIN, json={"email": EMAIL, "password": PASSWORD}
        ).json()
    return answer


@pytest.fixture
def verified(url: str) -> Callable[[str], dict[str, Any]]:
    """The function that the documentation prints."""
    program = program_in("signing-keys.md", "verify.py").replace(PRINTED_ADDRESS, url)
    names: dict[str, Any] = {}
    exec(compile(program, "verify.py", "exec"), names)  # our own documentation
    return partial(names["verified"])


def test_an_access_token_is_verified(
    verified: Callable[[str], dict[str, Any]], tokens: dict[str, str]
) -> None:
    claims = verified(tokens["access_token"])

    assert (claims["iss"], claims["aud"], claims["sub"]) == ("userapi", "userapi", "1")


def test_a_refresh_token_is_refused(
    verified: Callable[[str], dict[str, Any]], tokens: dict[str, str]
) -> None:
    with pytest.raises(jwt.InvalidTokenError):
        verified(tokens["refresh_token"])


def test_an_altered_token_is_refused(
    verified: Callable[[str], dict[str, Any]], tokens: dict[str, str]
) -> None:
    header, payload, signature = tokens["access_token"].split(".")

    with pytest.raises(jwt.InvalidTokenError):
        verified(f"{header}.{payload}.{signature[::-1]}")
