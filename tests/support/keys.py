"""The keys of a running service, and tokens that it signs."""

import re
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.accounts import REGISTRATION
from support.paths import LOGIN, USERS
from support.processes import client_of, environment_for_testing, run_python
from userapi.tokens.keys.signing import PrivateKey


def write_private_key(folder: Path, key_id: str, key: PrivateKey) -> None:
    """Write a key's file into the folder of keys."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{key_id}.pem").write_bytes(pem)


def key_command(database_url: str, folder: Path, *arguments: str, **variables: str) -> str:
    """Run `userapi keys`; return the id of the key that it tells of, or nothing."""
    environment = environment_for_testing(database_url, folder, **variables)
    command = ("-m", "userapi", "keys", *arguments)
    done = run_python(*command, folder=folder, variables=environment)
    assert done.returncode == 0, done.stderr
    found = re.search(r"\bkey ([0-9a-f]{16})\b", done.stdout)
    return found[1] if found else ""


def tokens_of_a_new_user(url: str) -> dict[str, str]:
    """Register somebody at the service; return both tokens of a login."""
    credentials = {name: REGISTRATION[name] for name in ("email", "password")}
    with client_of(url) as client:
        client.post(USERS, json=REGISTRATION).raise_for_status()
        answer: dict[str, str] = client.post(LOGIN, json=credentials).raise_for_status().json()
    return answer
