"""Another service verifies our tokens with nothing but the public keys: jose, from npm.

The program is the one that docs/signing-keys.md prints.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.databases import Server
from support.documents import program_in
from support.keys import key_command, tokens_of_a_new_user
from support.node import FOLDER, node_tool
from support.processes import clean_environment, live_server, run

pytestmark = pytest.mark.system

PRINTED_ADDRESS = "http://127.0.0.1:5000"


@pytest.fixture(scope="module", params=["EdDSA", "ES256"])
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


def verify(token: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program with a token."""
    node_tool("tsc")
    (folder / "node_modules").symlink_to(FOLDER / "node_modules")
    program = program_in("signing-keys.md", "verify.mjs").replace(PRINTED_ADDRESS, url)
    (folder / "verify.mjs").write_text(program, "utf-8")
    variables = clean_environment()
    return run("node", "verify.mjs", token, folder=folder, variables=variables)


def test_an_access_token_is_verified(url: str, tokens: dict[str, str], tmp_path: Path) -> None:
    done = verify(tokens["access_token"], url, tmp_path)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sub"] == "1"


def test_a_refresh_token_is_refused(url: str, tokens: dict[str, str], tmp_path: Path) -> None:
    done = verify(tokens["refresh_token"], url, tmp_path)

    assert done.returncode != 0
    assert "ERR_JWT_CLAIM_VALIDATION_FAILED" in done.stderr


def test_an_altered_token_is_refused(url: str, tokens: dict[str, str], tmp_path: Path) -> None:
    header, payload, signature = tokens["access_token"].split(".")

    done = verify(f"{header}.{payload}.{signature[::-1]}", url, tmp_path)

    assert done.returncode != 0
    assert "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" in done.stderr
