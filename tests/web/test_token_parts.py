"""Tokens that are damaged, or of which a part was not issued here."""

import random
import string
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from web.callers import each_of
from web.forger import Forger, ask, assert_refused

pytestmark = pytest.mark.any_database

ALPHABET = string.ascii_letters + string.digits + "-_"

PAYLOADS = {
    "array": [],
    "string": "claims",
    "integer": 1,
    "null": None,
    "empty": b"",
    "half": b'{"sub": ',
    "bytes": b"\xff\xfe",
    "utf-16": "{}".encode("utf-16"),
    "deep-array": b"[" * 100_000 + b"]" * 100_000,
    "deep-object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep-claim": b'{"sub":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "5000-digits": b'{"exp":' + b"9" * 5000 + b"}",
}


@each_of(PAYLOADS)
def test_payload_that_holds_no_claims_is_refused(
    client: FlaskClient, forger: Forger, case: object
) -> None:
    token = forger.sign(forger.header, case)

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


@each_of(PAYLOADS)
def test_header_that_is_no_header_is_refused(
    client: FlaskClient, forger: Forger, case: object
) -> None:
    token = forger.sign(case, forger.claims)

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


GARBAGE = {
    "word": "token",
    "two-parts": "e30.e30",
    "dots": "..",
    "many-dots": "." * 1000,
    "four-parts": "e30.e30.e30.e30",
    "five-parts": "e30.e30.e30.e30.e30",
    "empty-objects": "e30.e30.e30",
    "no-base64": "!!!.???.***",
    "latin-1": "\xff\xfe\xfd",
    "utf-8": "é€".encode().decode("latin-1"),
    "nul": "\0",
    "json": '{"payload":"e30","signatures":[]}',
    "long": "a" * 100_000,
    "long-parts": ".".join(["a" * 50_000] * 3),
}


@each_of(GARBAGE)
def test_garbage_is_refused(client: FlaskClient, case: str) -> None:
    assert_refused(ask(client, f"Bearer {case}"), "token-invalid")


@pytest.mark.parametrize("part", [0, 1, 2])
@each_of(
    {
        "empty": lambda part: part[:0],
        "cut": lambda part: part[:-1],
        "first-changed": lambda part: ("A" if part[0] != "A" else "B") + part[1:],
        "last-changed": lambda part: part[:-1] + ("A" if part[-1] != "A" else "Q"),
        "reversed": lambda part: part[::-1],
        "doubled": lambda part: part * 2,
        "blank": lambda part: f"{part[:4]} {part[4:]}",
        "line-break": lambda part: f"{part[:4]}\r\n{part[4:]}",
        "padded": lambda part: part + "=" * (-len(part) % 4 or 4),
        "stray-characters": lambda part: part + "!!!!",
        "stray-character-first": lambda part: "!" + part,
        "standard-base64": lambda part: part + "+/+/",
    }
)
def test_altered_part_is_refused(
    client: FlaskClient, forger: Forger, case: Callable[[str], str], part: int
) -> None:
    parts = forger.access.split(".")
    parts[part] = case(parts[part])

    assert_refused(ask(client, f"Bearer {'.'.join(parts)}"), "token-invalid")


def test_each_signature_has_one_spelling(client: FlaskClient, forger: Forger) -> None:
    spellings = [forger.access[:-1] + last for last in ALPHABET if last != forger.access[-1]]

    accepted = [text for text in spellings if ask(client, f"Bearer {text}").status_code != 401]

    assert accepted == []


def test_claims_under_another_tokens_signature_are_refused(
    client: FlaskClient, forger: Forger
) -> None:
    header, payload, _ = forger.access.split(".")
    signature = forger.refresh.rpartition(".")[2]

    answer = ask(client, f"Bearer {header}.{payload}.{signature}")

    assert_refused(answer, "token-invalid")


def mutant(chance: random.Random, token: str) -> str:
    """Flip one bit, cut the end off, or add to the end."""
    place = chance.randrange(len(token))
    flipped = chr(ord(token[place]) ^ 1 << chance.randrange(8))
    addition = "".join(chance.choices(string.digits + string.ascii_letters + "-_.=+/!~", k=4))
    return chance.choice(
        [
            token[:place] + flipped + token[place + 1 :],
            token[:place],
            token + addition[: chance.randint(1, 4)],
        ]
    )


def test_no_mutant_is_accepted(client: FlaskClient, forger: Forger) -> None:
    chance = random.Random(8725)
    mutants = [mutant(chance, forger.access) for _ in range(300)]

    accepted = [token for token in mutants if ask(client, f"Bearer {token}").status_code != 401]

    assert accepted == []
