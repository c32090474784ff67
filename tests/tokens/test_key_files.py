"""Keys that are files."""

import logging
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)

from support.clocks import SetClock
from support.keys import write_private_key
from tokens.keys import ASYMMETRIC
from userapi.tokens.keys.files import KeyFolder
from userapi.tokens.keys.material import new_private_key
from userapi.tokens.keys.ring import CachedKeyRing
from userapi.tokens.keys.signing import Algorithm, PrivateKey

algorithms = pytest.mark.parametrize("algorithm", ASYMMETRIC)


def write_public(folder: Path, name: str, key: PrivateKey) -> None:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pem").write_bytes(pem)


def ring_of(folder: Path, algorithm: Algorithm, clock: SetClock | None = None) -> CachedKeyRing:
    source = KeyFolder(folder=folder, algorithm=algorithm)
    return CachedKeyRing(algorithm=algorithm, source=source, clock=clock or SetClock())


def ids_of(folder: Path, algorithm: Algorithm = Algorithm.EDDSA) -> list[str | None]:
    return [key.key_id for key in ring_of(folder, algorithm).published()]


@algorithms
def test_the_last_name_of_the_private_keys_signs(tmp_path: Path, algorithm: Algorithm) -> None:
    for name in ("2026-03", "2026-01", "2026-02"):
        write_private_key(tmp_path, name, new_private_key(algorithm))
    write_public(tmp_path, "2026-04", new_private_key(algorithm))

    ring = ring_of(tmp_path, algorithm)

    assert ring.signing_key().key_id == "2026-03"
    assert ids_of(tmp_path, algorithm) == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_a_key_takes_over_when_its_private_half_comes(tmp_path: Path) -> None:
    old, new = new_private_key(Algorithm.EDDSA), new_private_key(Algorithm.EDDSA)
    write_private_key(tmp_path, "1", old)
    write_public(tmp_path, "2", new)
    clock = SetClock()
    ring = ring_of(tmp_path, Algorithm.EDDSA, clock)
    assert ring.signing_key().key_id == "1"

    write_private_key(tmp_path, "2", new)
    clock.forward(5)

    assert ring.signing_key().key_id == "2"


def test_a_file_that_is_removed_is_retired(tmp_path: Path) -> None:
    for name in ("1", "2"):
        write_private_key(tmp_path, name, new_private_key(Algorithm.EDDSA))
    clock = SetClock()
    ring = ring_of(tmp_path, Algorithm.EDDSA, clock)
    assert ring.find("1") is not None

    (tmp_path / "1.pem").unlink()
    clock.forward(5)

    assert ring.find("1") is None


def test_what_is_no_key_is_logged_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_private_key(tmp_path, "good", new_private_key(Algorithm.EDDSA))
    write_private_key(tmp_path, "other", ec.generate_private_key(ec.SECP256R1()))
    write_private_key(tmp_path, "bad name", new_private_key(Algorithm.EDDSA))
    (tmp_path / "broken.pem").write_text("-----BEGIN PRIVATE KEY-----\ncanary", "utf-8")
    (tmp_path / "folder.pem").mkdir()
    (tmp_path / "readme.txt").write_text("no key", "utf-8")

    with caplog.at_level(logging.DEBUG):
        assert ids_of(tmp_path) == ["good"]

    assert [record.levelname for record in caplog.records] == ["ERROR"] * 4
    for name in ("other", "bad name", "broken", "folder"):
        assert f"{name}.pem" in caplog.text
    assert "canary" not in caplog.text


def test_an_empty_folder_has_no_keys(tmp_path: Path) -> None:
    assert ids_of(tmp_path) == []
