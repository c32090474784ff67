"""The keys, as `userapi doctor` finds them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from support.applications import application, settings_of
from support.clocks import SetClock, set_clock
from support.doctor import found
from support.keys import write_private_key
from userapi.config.secrets import SecretSettings
from userapi.kit.secrets import new_secret
from userapi.tokens.keys.material import new_private_key
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings

one_algorithm = pytest.mark.parametrize("algorithm", [Algorithm.EDDSA], indirect=True)


@pytest.mark.any_database
def test_a_shared_secret_signs(own_app: Flask) -> None:
    assert found(own_app, "keys") == ["ok | tokens are signed with JWT_SECRET_KEY (HS256)"]


@one_algorithm
def test_a_ring_without_keys_is_told(keyed_app: Flask) -> None:
    assert found(keyed_app, "keys") == [
        "failed | no key can sign tokens as JWT_ALGORITHM tells | run: userapi keys generate"
    ]


@one_algorithm
def test_the_key_that_signs_is_told(keyed_app: Flask, keys: SigningKeyService) -> None:
    key = keys.generate()

    assert found(keyed_app, "keys") == [f"ok | the EdDSA key {key.key_id} signs"]


@one_algorithm
def test_an_old_key_is_warned_of(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    clock.move_on(timedelta(days=-400))
    key = keys.generate()

    assert found(keyed_app, "keys") == [
        f"warning | the EdDSA key {key.key_id} signs for 400 days now | run: userapi keys rotate"
    ]


@one_algorithm
def test_a_key_that_is_refused_is_told(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old = keys.generate()
    other_secret = settings_of(keyed_app).replace(SecretSettings, secret_key=new_secret())
    with application(other_secret) as app:
        set_clock(app, clock)
        assert found(app, "keys")[0] == (
            f"failed | the key {old.key_id} is refused | look at userapi keys list, and be rid of "
            "it: userapi keys retire"
        )


@pytest.fixture
def filed_app(own_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An application whose keys are files."""
    settings = settings_of(own_app).replace(
        TokenSettings, algorithm=Algorithm.EDDSA, keys_folder=tmp_path
    )
    with application(settings) as app:
        yield app


@pytest.mark.any_database
def test_a_file_that_others_may_read_is_warned_of(filed_app: Flask, tmp_path: Path) -> None:
    write_private_key(tmp_path, "2026-01-01", new_private_key(Algorithm.EDDSA))
    file = tmp_path / "2026-01-01.pem"
    file.chmod(0o600)
    before = found(filed_app, "keys")
    file.chmod(0o644)

    assert before == ["ok | the EdDSA key 2026-01-01 signs"]
    assert found(filed_app, "keys") == [
        *before,
        f"warning | others may read the private key {file} | run: chmod 600 {file}",
    ]


@pytest.mark.any_database
def test_a_folder_without_keys_is_told(filed_app: Flask) -> None:
    (line,) = found(filed_app, "keys")

    assert line.startswith("failed | no key in JWT_KEYS_DIR can sign tokens | put a private key")
