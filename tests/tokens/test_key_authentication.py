"""The tag of a stored key speaks for its row as a whole."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from support.rows import NOON
from userapi.tokens.keys.authentication import KeySecrets, is_authentic, with_tag
from userapi.tokens.records import StoredKeyRecord

SECRETS = KeySecrets(sealing=bytes(32), authentication=b"a" * 32)
ROW = StoredKeyRecord(
    id="0123456789abcdef",
    algorithm="EdDSA",
    public_jwk={"kty": "OKP", "x": "abc"},
    sealed_private_key=b"sealed",
    created_at=NOON,
    activates_at=NOON,
    retired_at=None,
)
CHANGES: dict[str, Any] = {
    "id": "another",
    "algorithm": "ES256",
    "public_jwk": {"kty": "OKP", "x": "abd"},
    "sealed_private_key": None,
    "created_at": NOON + timedelta(microseconds=1),
    "activates_at": NOON - timedelta(microseconds=1),
    "retired_at": NOON,
    "authentication_tag": None,
}


def test_a_row_with_its_tag_is_authentic() -> None:
    assert is_authentic(with_tag(ROW, SECRETS), SECRETS)


@pytest.mark.parametrize("column", CHANGES)
def test_another_value_in_any_column_makes_the_tag_wrong(column: str) -> None:
    changed = replace(with_tag(ROW, SECRETS), **{column: CHANGES[column]})

    assert not is_authentic(changed, SECRETS)


def test_no_column_is_left_out() -> None:
    not_stored = {"retirement_is_recorded"}

    assert {field.name for field in fields(StoredKeyRecord)} == {*CHANGES} | not_stored


def test_another_secret_makes_the_tag_wrong() -> None:
    others = replace(SECRETS, authentication=b"b" * 32)

    assert not is_authentic(with_tag(ROW, others), SECRETS)
