"""Another service verifies our tokens with nothing but the public keys: PyJWT's own client.

What it does is what docs/signing-keys.md prints.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jwt
import pytest

from support.databases import Server, on_sqlite
from support.documents import program_in
from support.keys import key_command, tokens_of_a_new_user
from support.processes import live_server
from support.repeating import repeated

pytestmark = [on_sqlite, pytest.mark.system]

PRINTED_ADDRESS = "http://127.0.0.1:5000"


@pytest.fixture(scope="module", params=["EdDSA", repeated("ES256")])
def url(
    request: pytest.FixtureRequest,
    server: Server,
    template_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """A server that signs with a key."""
    folder = tmp_path_factory.mktemp("signing")
    variables = {"JWT_ALGORITHM": request.param}
    with server.copy_of(template_url) as database_url:
        key_command(database_url, folder, "generate", **variables)
        with live_server(database_url, folder, **variables) as base_url:
            yield base_url


@pytest.fixture(scope="module")
def tokens(url: str) -> dict[str, str]:
    """Both tokens of a login."""
    return tokens_of_a_new_user(url)


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
