import base64
import re
import secrets
import stat
import string
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from userapi.kit.secrets import (
    load_or_create_secrets,
    new_secret,
    new_token,
    secret_weakness,
    token_digest,
)

NAMES = ("ONE", "TWO")
TOO_SHORT = "is too short: it must have at least 32 bytes"
PLACEHOLDER = "looks like a placeholder"
GUESSABLE = "can be guessed: it must hold 128 bits of chance, not words or a pattern"
PRINT_THE_SECRETS = """
import sys
from pathlib import Path
from userapi.kit.secrets import load_or_create_secrets
print(load_or_create_secrets(Path(sys.argv[1]), ("ONE", "TWO")))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet, in a folder that is not there yet."""
    return tmp_path / "instance" / "secrets.json"


def test_new_secrets_differ() -> None:
    assert new_secret() != new_secret()


def test_a_token_is_a_prefix_and_43_characters_for_urls() -> None:
    assert re.fullmatch("uad_[A-Za-z0-9_-]{43}", new_token("uad_"))


def test_new_tokens_differ() -> None:
    assert new_token("uad_") != new_token("uad_")


def test_a_digest_is_the_tokens_sha_256_in_hex() -> None:
    assert token_digest("abc") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


GENERATORS: dict[str, Callable[[], str]] = {
    "openssl rand -hex 16": lambda: secrets.token_hex(16),
    "openssl rand -hex 32": lambda: secrets.token_hex(32),
    "openssl rand -base64 24": lambda: base64.b64encode(secrets.token_bytes(24)).decode(),
    "openssl rand -base64 32": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "token_urlsafe(32)": lambda: secrets.token_urlsafe(32),
    "token_urlsafe(48)": lambda: secrets.token_urlsafe(48),
    "uuidgen": lambda: str(uuid.uuid4()),
    "uuid4 twice": lambda: uuid.uuid4().hex + uuid.uuid4().hex,
    "upper case": lambda: secrets.token_hex(16).upper(),
    "pwgen -s 32": lambda: "".join(
        secrets.choice(string.ascii_letters + string.digits) for _ in range(32)
    ),
}


@pytest.mark.parametrize("generator", GENERATORS.values(), ids=GENERATORS)
def test_whatever_a_generator_makes_is_strong(generator: Callable[[], str]) -> None:
    made = [generator() for _ in range(1_000)]

    assert [secret for secret in made if secret_weakness(secret)] == []


@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("", TOO_SHORT),
        ("0123456789abcdefghijklmnopqrstu", TOO_SHORT),
        ("change-this-0123456789-0123456789", PLACEHOLDER),
        ("REPLACE_ME_0123456789_0123456789", PLACEHOLDER),
        ("your-key-0123456789-0123456789-abc", PLACEHOLDER),
        ("my-jwt-secret-0123456789-abcdefgh", PLACEHOLDER),
        ("passwordpasswordpassword1234567890", GUESSABLE),
        ("AdminAdmin2024!AdminAdmin2024!Admin", GUESSABLE),
        ("0123456789abcdefghijklmnopqrstuv", GUESSABLE),
        ("0123456789abcdef0123456789abcdef", GUESSABLE),
        ("deadbeefdeadbeefdeadbeefdeadbeef", GUESSABLE),
        ("qwertyuiopasdfghjklzxcvbnm123456", GUESSABLE),
        ("mnbvcxzlkjhgfdsapoiuytrewq098765", GUESSABLE),
        ("correct-horse-battery-staple-correct", GUESSABLE),
        ("ThisIsAVeryLongPassphraseThatIUse", GUESSABLE),
        ("loremipsumdolorsitametconsectetur", GUESSABLE),
        ("Tr0ub4dor&3Tr0ub4dor&3Tr0ub4dor&3", GUESSABLE),
        ("2024-01-01-2024-01-01-2024-01-01-2024", GUESSABLE),
        ("99463810577206614399518203847561", GUESSABLE),
        ("é0123456789" * 3, GUESSABLE),
        ("x" * 64, GUESSABLE),
        ("012345678" * 8, GUESSABLE),
        ("-" * 64, GUESSABLE),
        ("abba" * 5_000, GUESSABLE),
    ],
)
def test_a_secret_is_weak(secret: str, weakness: str) -> None:
    assert secret_weakness(secret) == weakness


def test_secrets_are_kept(path: Path) -> None:
    made = load_or_create_secrets(path, NAMES)

    assert set(made) == set(NAMES)
    assert made["ONE"] != made["TWO"]
    assert load_or_create_secrets(path, NAMES) == made


def test_only_the_owner_may_read_them(path: Path) -> None:
    load_or_create_secrets(path, NAMES)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.usefixtures("wide_umask")
def test_nobody_else_could_read_them_at_any_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    monkeypatch.setattr(
        "userapi.kit.secrets.restrict_to_owner",
        lambda made: modes.append(stat.S_IMODE(made.stat().st_mode)),
    )

    load_or_create_secrets(path, NAMES)

    assert modes == [0o600]


def test_nothing_else_is_left_behind(path: Path) -> None:
    load_or_create_secrets(path, NAMES)

    assert list(path.parent.iterdir()) == [path]


def test_threads_that_start_together_agree(path: Path) -> None:
    barrier = Barrier(8)

    def start(_: int) -> str:
        barrier.wait(timeout=10)
        return load_or_create_secrets(path, NAMES)["ONE"]

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(start, range(8)))

    assert len(found) == 1
    assert list(path.parent.iterdir()) == [path]


def test_the_loser_of_a_race_takes_the_winners_secrets(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    winner = load_or_create_secrets(path, NAMES)
    monkeypatch.setattr(Path, "exists", lambda _: False)

    assert load_or_create_secrets(path, NAMES) == winner


def test_processes_agree(path: Path) -> None:
    command = [sys.executable, "-c", PRINT_THE_SECRETS, str(path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    first, second = (process.communicate(timeout=30)[0] for process in processes)

    assert first == second
    assert "ONE" in first


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ONE": "a"}', "null", '{"ONE": 5, "TWO": null}']
)
def test_a_damaged_file_is_named(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match="is damaged"):
        load_or_create_secrets(path, NAMES)
