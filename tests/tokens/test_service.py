"""Making, changing and retiring the keys of a ring in the database."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Row, select

from support.applications import application, engine_of, settings_of
from support.clocks import SetClock, set_clock
from support.keys import write_private_key
from support.races import race
from tokens.keys import ASYMMETRIC
from userapi.audit.models import AuditEvent
from userapi.config.secrets import SecretSettings
from userapi.kit.secrets import new_secret
from userapi.tokens.errors import (
    KeyNotFound,
    KeyRetired,
    KeyRingNotEmpty,
    KeysAreFiles,
    LastSigningKey,
    NoKeyInFolder,
    NoKeyRing,
    NoKeyToSign,
    NoSigningKey,
)
from userapi.tokens.keys.material import new_private_key
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.models import StoredKey
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.services import provided

pytestmark = pytest.mark.any_database

LEAD = 310
"""The max-age, and the time in which every process reads the ring."""

one_algorithm = pytest.mark.parametrize("algorithm", ASYMMETRIC[:1], indirect=True)


def states(keys: SigningKeyService) -> dict[str, str]:
    return {key.key_id: str(key.state) for key in keys.list()}


def published(keys: SigningKeyService) -> list[str]:
    return [key["kid"] for key in keys.published().keys]


def row_of(app: Flask, key_id: str) -> Row[tuple[object, ...]]:
    with engine_of(app).connect() as connection:
        return connection.execute(select(StoredKey.__table__).where(StoredKey.id == key_id)).one()


def events(app: Flask) -> list[tuple[str, str | None, str]]:
    columns = (AuditEvent.event, AuditEvent.object_id, AuditEvent.details)
    with engine_of(app).connect() as connection:
        rows = connection.execute(select(*columns).order_by(AuditEvent.id)).all()
        return [(row.event, row.object_id, row.details["algorithm"]) for row in rows]


# The first key


def test_the_first_key_signs_at_once(
    keys: SigningKeyService, algorithm: Algorithm, clock: SetClock
) -> None:
    made = keys.generate()

    keys.ensure_signs()
    assert states(keys) == {made.key_id: "signing"}
    assert published(keys) == [made.key_id]
    assert (made.algorithm, made.created_at, made.activates_at) == (
        algorithm,
        clock.now,
        clock.now,
    )


@one_algorithm
def test_an_empty_ring_signs_nothing(keys: SigningKeyService) -> None:
    with pytest.raises(NoKeyToSign, match="userapi keys generate"):
        keys.ensure_signs()
    with pytest.raises(NoSigningKey, match="userapi keys generate"):
        keys.rotate()

    assert published(keys) == []


@one_algorithm
def test_there_is_one_first_key(keys: SigningKeyService) -> None:
    made = keys.generate()

    with pytest.raises(KeyRingNotEmpty):
        keys.generate()

    assert list(states(keys)) == [made.key_id]


@one_algorithm
def test_of_many_first_keys_at_once_one_is_made(keyed_app: Flask) -> None:
    def generate() -> bool:
        with keyed_app.app_context():
            try:
                provided(SigningKeyService).generate()
            except KeyRingNotEmpty:
                return False
            return True

    assert sorted(race([generate] * 8)) == [False] * 7 + [True]


# Rotation


@one_algorithm
def test_a_new_key_is_published_long_before_it_signs(
    keys: SigningKeyService, clock: SetClock
) -> None:
    old = keys.generate()
    new = keys.rotate()

    clock.forward(5)
    assert published(keys) == [old.key_id, new.key_id]
    clock.forward(LEAD - 5 - 1)
    assert states(keys) == {old.key_id: "signing", new.key_id: "published"}
    clock.forward(1)
    assert states(keys) == {old.key_id: "verifying", new.key_id: "signing"}


@one_algorithm
def test_a_new_key_waits_for_longer_than_the_jwks_is_kept(
    keys: SigningKeyService, clock: SetClock
) -> None:
    keys.generate()
    assert len(published(keys)) == 1

    new = keys.rotate()

    assert len(published(keys)) == 1, "a process has still the keys that it read before"
    clock.forward(5)
    assert len(published(keys)) == 2
    assert new.activates_at is not None
    assert new.activates_at - clock.now > timedelta(seconds=keys.published().max_age)


@one_algorithm
def test_two_rotations_in_a_row_take_over_one_after_the_other(
    keys: SigningKeyService, clock: SetClock
) -> None:
    keys.generate()
    second = keys.rotate()
    clock.forward(2)
    third = keys.rotate()

    clock.forward(LEAD - 2)
    assert states(keys)[second.key_id] == "signing"
    clock.forward(2)
    assert states(keys)[third.key_id] == "signing"


# Retirement


def test_a_retired_key_is_gone_with_its_private_half(
    keys: SigningKeyService, keyed_app: Flask, clock: SetClock
) -> None:
    old = keys.generate()
    new = keys.rotate()
    clock.forward(LEAD)

    keys.retire(old.key_id)

    clock.forward(5)
    assert published(keys) == [new.key_id]
    assert states(keys) == {old.key_id: "retired", new.key_id: "signing"}
    row = row_of(keyed_app, old.key_id)
    assert row.sealed_private_key is None
    assert row.retired_at is not None


@one_algorithm
def test_the_only_key_that_signs_is_not_retired(keys: SigningKeyService) -> None:
    made = keys.generate()

    with pytest.raises(LastSigningKey):
        keys.retire(made.key_id)

    assert states(keys) == {made.key_id: "signing"}


@one_algorithm
def test_a_key_that_does_not_sign_yet_is_no_other(keys: SigningKeyService, clock: SetClock) -> None:
    made = keys.generate()
    keys.rotate()
    clock.forward(LEAD - 1)

    with pytest.raises(LastSigningKey):
        keys.retire(made.key_id)

    clock.forward(1)
    keys.retire(made.key_id)


@one_algorithm
def test_the_key_before_signs_again_when_the_newest_is_retired(
    keys: SigningKeyService, clock: SetClock
) -> None:
    old = keys.generate()
    new = keys.rotate()
    clock.forward(LEAD)

    keys.retire(new.key_id)

    assert states(keys) == {old.key_id: "signing", new.key_id: "retired"}


@one_algorithm
def test_a_key_is_retired_before_it_signs(keys: SigningKeyService) -> None:
    keys.generate()
    coming = keys.rotate()

    keys.retire(coming.key_id)

    assert states(keys)[coming.key_id] == "retired"


@one_algorithm
def test_a_key_is_retired_once(keys: SigningKeyService, clock: SetClock) -> None:
    old = keys.generate()
    keys.rotate()
    clock.forward(LEAD)
    keys.retire(old.key_id)

    with pytest.raises(KeyRetired):
        keys.retire(old.key_id)


@one_algorithm
@pytest.mark.parametrize("key_id", ["", "unknown", "a" * 1000, "' OR 1=1 --"])
def test_an_unknown_key_is_not_retired(keys: SigningKeyService, key_id: str) -> None:
    keys.generate()

    with pytest.raises(KeyNotFound):
        keys.retire(key_id)


@one_algorithm
def test_of_two_keys_that_are_retired_at_once_one_stays(
    keys: SigningKeyService, keyed_app: Flask, clock: SetClock
) -> None:
    both = [keys.generate().key_id, keys.rotate().key_id]
    clock.forward(LEAD)

    def retire(key_id: str) -> bool:
        with keyed_app.app_context():
            try:
                provided(SigningKeyService).retire(key_id)
            except LastSigningKey:
                return False
            return True

    assert sorted(race([partial(retire, key_id) for key_id in both])) == [False, True]


# What is written down


def test_each_change_is_audited(
    keys: SigningKeyService, keyed_app: Flask, algorithm: Algorithm, clock: SetClock
) -> None:
    old = keys.generate()
    new = keys.rotate()
    clock.forward(LEAD)
    keys.retire(old.key_id)

    assert events(keyed_app) == [
        ("key:created", old.key_id, algorithm),
        ("key:created", new.key_id, algorithm),
        ("key:retired", old.key_id, algorithm),
    ]


@one_algorithm
def test_what_is_refused_is_not_audited(keys: SigningKeyService, keyed_app: Flask) -> None:
    made = keys.generate()
    with pytest.raises(KeyRingNotEmpty):
        keys.generate()
    with pytest.raises(LastSigningKey):
        keys.retire(made.key_id)

    assert len(events(keyed_app)) == 1


def test_the_private_half_is_stored_encrypted(keys: SigningKeyService, keyed_app: Flask) -> None:
    made = keys.generate()

    sealed = row_of(keyed_app, made.key_id).sealed_private_key
    assert isinstance(sealed, bytes)
    # The PKCS #8 of both algorithms begins with these bytes and holds one of their object ids.
    assert b"\x2b\x65\x70" not in sealed
    assert b"\x2a\x86\x48\xce\x3d\x02\x01" not in sealed


@one_algorithm
def test_with_another_secret_keys_are_refused_until_a_new_one_is_made(
    keys: SigningKeyService,
    keyed_app: Flask,
    clock: SetClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = keys.generate()
    other_secret = settings_of(keyed_app).replace(SecretSettings, secret_key=new_secret())

    with application(other_secret) as app, app.app_context():
        set_clock(app, clock)
        service = provided(SigningKeyService)
        with pytest.raises(NoKeyToSign), caplog.at_level(logging.ERROR):
            service.ensure_signs()
        assert published(service) == []
        new = service.generate()
        assert states(service) == {old.key_id: "refused", new.key_id: "signing"}
        service.retire(old.key_id)
        service.ensure_none_refused()

    assert f"the signing key '{old.key_id}' is refused" in caplog.text


# Rings of other kinds


def test_keys_of_another_algorithm_are_not_used(
    keys: SigningKeyService, keyed_app: Flask, algorithm: Algorithm
) -> None:
    made = keys.generate()
    (other,) = set(ASYMMETRIC) - {algorithm}

    settings = settings_of(keyed_app).replace(TokenSettings, algorithm=other)
    with application(settings) as app, app.app_context():
        service = provided(SigningKeyService)
        with pytest.raises(NoKeyToSign):
            service.ensure_signs()
        assert published(service) == []
        assert states(service) == {made.key_id: "unused"}
        service.retire(made.key_id)
        assert states(service) == {made.key_id: "retired"}


@one_algorithm
def test_hs256_has_no_ring_but_lists_and_retires_what_is_there(
    keys: SigningKeyService, keyed_app: Flask
) -> None:
    made = keys.generate()

    settings = settings_of(keyed_app).replace(TokenSettings, algorithm=Algorithm.HS256)
    with application(settings) as app, app.app_context():
        service = provided(SigningKeyService)
        service.ensure_signs()
        assert published(service) == []
        for change in (service.generate, service.rotate):
            with pytest.raises(NoKeyRing):
                change()
        service.retire(made.key_id)
        assert states(service) == {made.key_id: "retired"}


@pytest.fixture
def keys_in_files(keyed_app: Flask, tmp_path: Path) -> Iterator[SigningKeyService]:
    """The service of an application whose keys are files, and which has none."""
    settings = settings_of(keyed_app).replace(TokenSettings, keys_folder=tmp_path)
    with application(settings) as app, app.app_context():
        yield provided(SigningKeyService)


@one_algorithm
@pytest.mark.parametrize(
    "change",
    [
        SigningKeyService.generate,
        SigningKeyService.rotate,
        lambda service: service.retire("one"),
    ],
    ids=["generate", "rotate", "retire"],
)
def test_keys_that_are_files_are_not_changed(
    keys_in_files: SigningKeyService, change: Callable[[SigningKeyService], object]
) -> None:
    with pytest.raises(KeysAreFiles, match="JWT_KEYS_DIR"):
        change(keys_in_files)


@one_algorithm
def test_keys_that_are_files_are_listed(
    keys_in_files: SigningKeyService, tmp_path: Path, algorithm: Algorithm
) -> None:
    for name in ("2026-01-01", "2026-02-01"):
        write_private_key(tmp_path, name, new_private_key(algorithm))

    assert states(keys_in_files) == {"2026-01-01": "verifying", "2026-02-01": "signing"}


@one_algorithm
def test_a_folder_without_keys_signs_nothing(keys_in_files: SigningKeyService) -> None:
    with pytest.raises(NoKeyInFolder, match="JWT_KEYS_DIR"):
        keys_in_files.ensure_signs()
