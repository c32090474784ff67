"""S42: a text of a megabyte keeps a process busy, or has a hash computed.

As in CVE-2023-36053 (addresses) and CVE-2023-46695 (Unicode).
"""

import time

import pytest
from flask.testing import FlaskClient

from support.accounts import REGISTRATION
from support.answers import assert_problem
from support.paths import LOGIN, USERS
from userapi.kit.passwords import PasswordHasher

pytestmark = pytest.mark.any_database

LENGTH = 170_000
"""So many characters are a megabyte of JSON, where each of them is escaped."""
TEXTS = {
    "ascii": "a" * 1_000_000,
    "at-signs": "@" * 1_000_000,
    "dots": "a@" + "a." * 500_000,
    "quotes": '"' * 500_000,
    "backslashes": '"' + "\\" * 500_000,
    "brackets": "<" * 1_000_000,
    "a-labels": "ada@" + "xn--9." * LENGTH,
    "marks": "ada@a" + "\u0301" * LENGTH,
    "arabic-digits": "ada@" + "\u0660" * LENGTH,
    "ligatures": "\ufdfa" * LENGTH,
}
FIELDS = {
    "new-address": (USERS, REGISTRATION, "email"),
    "name": (USERS, REGISTRATION, "first_name"),
    "new-password": (USERS, REGISTRATION, "password"),
    "address": (LOGIN, {"email": "ada@example.com", "password": "x"}, "email"),
    "password": (LOGIN, {"email": "ada@example.com", "password": "x"}, "password"),
}


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every hash that is computed fail the test."""

    def compute(*_: object) -> None:
        pytest.fail("a hash was computed")

    monkeypatch.setattr(PasswordHasher, "hash", compute)
    monkeypatch.setattr(PasswordHasher, "verify", compute)


@pytest.mark.usefixtures("no_hashing")
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", TEXTS)
def test_s42_a_megabyte_is_refused_at_once(client: FlaskClient, field: str, text: str) -> None:
    path, body, name = FIELDS[field]
    seconds = []
    for _ in range(3):
        began = time.process_time()
        answer = client.post(path, json={**body, name: TEXTS[text]})
        seconds.append(time.process_time() - began)

    assert_problem(answer, 400, "invalid-input")
    assert len(answer.data) < 2000
    assert min(seconds) < 0.05
