"""Whoever can write to the table of keys, without `SECRET_KEY`, makes no key good."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update

from support.accounts import bearer
from support.applications import engine_of
from support.clocks import SetClock
from support.databases import on_postgresql, on_sqlite
from support.paths import JWKS, ME, READY
from tokens.keys import ASYMMETRIC
from tokens.rings import secrets_of
from userapi.audit.models import AuditEvent
from userapi.tokens.errors import SigningKeysRefused
from userapi.tokens.keys.material import new_private_key, public_jwk, seal
from userapi.tokens.models import StoredKey
from userapi.tokens.records import KeyRecord
from userapi.tokens.service import SigningKeyService

LEAD = 310
FOREIGN = new_private_key(ASYMMETRIC[0])

pytestmark = pytest.mark.parametrize("algorithm", ASYMMETRIC[:1], indirect=True)

Row = Mapping[str, Any]


def rows(app: Flask) -> dict[str, Row]:
    with engine_of(app).connect() as connection:
        found = connection.execute(select(StoredKey.__table__)).mappings()
        return {row["id"]: dict(row) for row in found}


def change(app: Flask, key_id: str, **values: Any) -> None:
    with engine_of(app).begin() as connection:
        connection.execute(update(StoredKey).where(StoredKey.id == key_id).values(**values))


def execute(app: Flask, statement: str) -> None:
    with engine_of(app).begin() as connection:
        connection.execute(text(statement))


def add(app: Flask, row: Row) -> None:
    with engine_of(app).begin() as connection:
        connection.execute(insert(StoredKey).values(**row))


def states(keys: SigningKeyService) -> dict[str, str]:
    return {key.key_id: str(key.state) for key in keys.list()}


def refused(app: Flask, keys: SigningKeyService, clock: SetClock, *key_ids: str) -> None:
    """Fail unless just these keys are refused, by the ring, the JWKS, the list and readiness."""
    clock.forward(10)
    assert {it for it, state in states(keys).items() if state == "refused"} == {*key_ids}
    answered = app.test_client().get(JWKS).get_json()
    assert {key["kid"] for key in answered["keys"]}.isdisjoint(key_ids)
    answer = app.test_client().get(READY)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "signing-keys-refused")


def intact(keys: SigningKeyService, *key_ids: str) -> None:
    """Fail unless these keys are good and none is refused."""
    keys.ensure_none_refused()
    assert {it for it, state in states(keys).items() if state != "retired"} == {*key_ids}


def two_keys(keys: SigningKeyService, clock: SetClock) -> tuple[KeyRecord, KeyRecord]:
    """Return an old key, which verifies, and the one that signs."""
    old, new = keys.generate(), keys.rotate()
    clock.forward(LEAD)
    return old, new


def foreign_row(made: Row) -> Row:
    """Return a row with a public half of somebody else's, made without any secret."""
    return {**made, "id": "foreign", "public_jwk": public_jwk(FOREIGN.public_key())}


def restore(app: Flask, before: Mapping[str, Row]) -> None:
    with engine_of(app).begin() as connection:
        connection.execute(delete(StoredKey))
        connection.execute(insert(StoredKey), list(before.values()))


def test_a_foreign_key_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    made = keys.generate()
    add(keyed_app, foreign_row(rows(keyed_app)[made.key_id]))

    refused(keyed_app, keys, clock, "foreign")
    assert states(keys)[made.key_id] == "signing"


def test_no_tag_and_no_seal_makes_a_foreign_key_good(
    keyed_app: Flask, keys: SigningKeyService
) -> None:
    made = keys.generate()
    before = rows(keyed_app)
    sealed = seal(FOREIGN, "foreign", bytes(32))
    for tag, private_key in product((None, b"", bytes(32)), (b"", sealed)):
        row = foreign_row(before[made.key_id])
        add(keyed_app, {**row, "authentication_tag": tag, "sealed_private_key": private_key})
        assert states(keys) == {made.key_id: "signing", "foreign": "refused"}, (tag, private_key)
        restore(keyed_app, before)


def test_a_token_of_a_foreign_key_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    made = keys.generate()
    add(keyed_app, foreign_row(rows(keyed_app)[made.key_id]))
    now = int(clock.now.timestamp())
    claims = {"iss": "userapi", "aud": "userapi", "sub": "1", "jti": "1", "sid": "1"}
    times = {"iat": now, "nbf": now, "exp": now + 60}
    token = jwt.encode(
        {**claims, **times, "type": "access", "is_admin": True},
        FOREIGN,
        algorithm="EdDSA",
        headers={"typ": "at+jwt", "kid": "foreign"},
    )

    answer = keyed_app.test_client().get(ME, headers=bearer(token))

    assert (answer.status_code, answer.get_json()["code"]) == (401, "token-invalid")


def test_another_value_in_any_column_is_refused(keyed_app: Flask, keys: SigningKeyService) -> None:
    made = keys.generate()
    before = rows(keyed_app)
    row = before[made.key_id]
    values: Row = {
        "id": "another",
        "algorithm": "ES256",
        "public_jwk": public_jwk(FOREIGN.public_key()),
        "sealed_private_key": row["sealed_private_key"][:-1] + b"?",
        "activates_at": row["activates_at"] - timedelta(microseconds=1),
        "created_at": row["created_at"] - timedelta(microseconds=1),
        "authentication_tag": bytes(32),
    }
    for column, value in values.items():
        change(keyed_app, made.key_id, **{column: value})
        assert list(states(keys).values()) == ["refused"], column
        restore(keyed_app, before)
    assert set(values) | {"retired_at"} == set(row)


def test_another_value_is_refused_without_a_tag_too(
    keyed_app: Flask, keys: SigningKeyService
) -> None:
    made = keys.generate()
    before = rows(keyed_app)
    row = before[made.key_id]
    values: Row = {
        "id": "another",
        "algorithm": "ES256",
        "public_jwk": public_jwk(FOREIGN.public_key()),
        "sealed_private_key": row["sealed_private_key"][:-1] + b"?",
        "activates_at": row["activates_at"] - timedelta(microseconds=1),
    }
    for column, value in values.items():
        change(keyed_app, made.key_id, authentication_tag=None, **{column: value})
        assert list(states(keys).values()) == ["refused"], column
        restore(keyed_app, before)


def test_rows_that_change_places_are_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    first, second = keys.generate().key_id, keys.rotate().key_id
    clock.forward(1)
    third = keys.rotate().key_id
    before = rows(keyed_app)
    for columns in (
        ["authentication_tag"],
        ["sealed_private_key"],
        ["sealed_private_key", "authentication_tag"],
        ["sealed_private_key", "authentication_tag", "public_jwk"],
        ["activates_at", "created_at"],
    ):
        for one, other in ((second, third), (third, second)):
            change(keyed_app, one, **{name: before[other][name] for name in columns})
        expected = {first: "signing", second: "refused", third: "refused"}
        assert states(keys) == expected, columns
        restore(keyed_app, before)


def unreadable(app: Flask, keys: SigningKeyService, clock: SetClock, *changes: str) -> None:
    """Fail unless a key is refused and another signs after each of these changes of the one."""
    old, new = two_keys(keys, clock)
    before = rows(app)
    for each in changes:
        execute(app, f"UPDATE signing_keys SET {each} WHERE id = '{old.key_id}'")
        assert states(keys) == {old.key_id: "refused", new.key_id: "signing"}, each[:80]
        restore(app, before)
    execute(app, f"UPDATE signing_keys SET {changes[0]} WHERE id = '{old.key_id}'")
    keys.retire(old.key_id)
    intact(keys, new.key_id)


@on_postgresql
def test_on_postgresql_a_row_that_cannot_be_read_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    unreadable(
        keyed_app,
        keys,
        clock,
        "activates_at = 'infinity'",
        "created_at = '-infinity'",
        "public_jwk = '[]'",
    )


@on_sqlite
def test_on_sqlite_a_row_that_cannot_be_read_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    unreadable(
        keyed_app,
        keys,
        clock,
        "activates_at = 'soon'",
        "created_at = 5",
        "public_jwk = '{'",
        "public_jwk = 'null'",
        f"public_jwk = '{'[' * 100_000}'",
        "sealed_private_key = 'text'",
        "authentication_tag = 'text'",
        "authentication_tag = 5",
        "algorithm = x'00'",
        "algorithm = x'00', authentication_tag = NULL",
        "public_jwk = '5', authentication_tag = NULL",
    )


# What is retired


def test_a_retired_key_that_is_put_back_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    before = rows(keyed_app)[old.key_id]
    keys.retire(old.key_id)
    with engine_of(keyed_app).begin() as connection:
        connection.execute(delete(StoredKey).where(StoredKey.id == old.key_id))
    add(keyed_app, before)

    refused(keyed_app, keys, clock, old.key_id)
    assert states(keys)[new.key_id] == "signing"


def test_a_key_that_nobody_retired_is_told(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    change(keyed_app, old.key_id, retired_at=clock.now, sealed_private_key=None)

    refused(keyed_app, keys, clock, old.key_id)
    keys.retire(old.key_id)
    intact(keys, new.key_id)


def test_a_retired_key_is_authenticated_as_retired(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    before = rows(keyed_app)[old.key_id]["authentication_tag"]

    keys.retire(old.key_id)

    after = rows(keyed_app)[old.key_id]["authentication_tag"]
    assert len(after) == 32
    assert after != before
    intact(keys, new.key_id)


# The release before


def forget_tags(app: Flask) -> None:
    """Leave the rows as the release before wrote them."""
    with engine_of(app).begin() as connection:
        connection.execute(update(StoredKey).values(authentication_tag=None))


def test_keys_from_before_there_were_tags_are_good(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    forget_tags(keyed_app)

    intact(keys, old.key_id, new.key_id)
    assert states(keys)[new.key_id] == "signing"


@pytest.mark.parametrize("command", ["rotate", "retire"])
def test_keys_from_before_get_a_tag_with_the_next_change(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock, command: str
) -> None:
    old, new = two_keys(keys, clock)
    forget_tags(keyed_app)

    if command == "rotate":
        keys.rotate()
    else:
        keys.retire(old.key_id)

    found = rows(keyed_app)
    assert found[new.key_id]["authentication_tag"] is not None
    assert found[old.key_id]["authentication_tag"] is not None
    keys.ensure_none_refused()


def test_a_key_that_the_release_before_retires_is_retired(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    change(keyed_app, old.key_id, retired_at=clock.now, sealed_private_key=None)
    record(keyed_app, clock, "key:retired", old.key_id)

    intact(keys, new.key_id)


def test_the_release_before_reads_the_private_half(
    keyed_app: Flask, keys: SigningKeyService
) -> None:
    made = keys.generate()
    sealed = rows(keyed_app)[made.key_id]["sealed_private_key"]

    # A nonce, and what AES-GCM made of the key with the id beside it.
    sealing_key = secrets_of(keyed_app).sealing
    assert AESGCM(sealing_key).decrypt(sealed[:12], sealed[12:], made.key_id.encode())


def test_an_untagged_key_of_which_the_trail_tells_twice_is_refused(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    made = keys.generate()
    start = clock.now - timedelta(days=1)
    record(keyed_app, clock, "key:created", made.key_id, {"activates_at": start.isoformat()})
    change(keyed_app, made.key_id, activates_at=start, authentication_tag=None)

    refused(keyed_app, keys, clock, made.key_id)


def record(
    app: Flask, clock: SetClock, event: str, key_id: str, details: Row | None = None
) -> None:
    with engine_of(app).begin() as connection:
        values = {"occurred_at": clock.now, "event": event, "object_id": key_id}
        connection.execute(insert(AuditEvent).values(**values, details=details or {}))


# What is told


def test_a_refused_key_is_one_error_in_the_log(
    keyed_app: Flask,
    keys: SigningKeyService,
    clock: SetClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = keys.generate()
    name = "two\nlines\x1b[2J"
    add(keyed_app, {**foreign_row(rows(keyed_app)[made.key_id]), "id": name})

    with caplog.at_level(logging.INFO):
        for _ in range(3):
            clock.forward(10)
            keys.published()
            with pytest.raises(SigningKeysRefused):
                keys.ensure_none_refused()

    errors = [it for it in caplog.records if it.levelno >= logging.ERROR]
    (error,) = [it.getMessage() for it in errors]
    assert error.startswith(r"the signing key 'two\nlines\x1b[2J' is refused: it was not written")
    assert error.isprintable()


def test_the_list_prints_no_terminal_codes(keyed_app: Flask, keys: SigningKeyService) -> None:
    made = keys.generate()
    row = {**foreign_row(rows(keyed_app)[made.key_id]), "id": "\x1b[2J", "algorithm": "a\nb"}
    add(keyed_app, row)

    listed = keyed_app.test_cli_runner().invoke(args=["keys", "list"]).output.splitlines()

    assert len(listed) == 2
    assert sum(line.startswith(r"\x1b[2J  a\nb  refused") for line in listed) == 1


def test_a_refused_key_is_retired_away(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    made = keys.generate()
    add(keyed_app, foreign_row(rows(keyed_app)[made.key_id]))

    keys.retire("foreign")

    intact(keys, made.key_id)
    assert keyed_app.test_client().get(READY).status_code == 200


def test_a_key_that_is_deleted_is_only_gone(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = two_keys(keys, clock)
    with engine_of(keyed_app).begin() as connection:
        connection.execute(delete(StoredKey).where(StoredKey.id == old.key_id))
        assert connection.scalar(select(func.count()).select_from(StoredKey)) == 1

    intact(keys, new.key_id)


def test_the_details_of_a_foreign_event_break_nothing(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    made = keys.generate()
    forget_tags(keyed_app)
    record(keyed_app, clock, "key:created", made.key_id, {"activates_at": json.dumps([])})

    refused(keyed_app, keys, clock, made.key_id)
