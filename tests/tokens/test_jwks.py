"""The public keys over HTTP."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.applications import application, settings_of
from support.clocks import SetClock
from support.databases import UNREACHABLE
from support.paths import JWKS
from tokens.keys import ASYMMETRIC
from tokens.rings import signing_key_of
from userapi.config.database import DatabaseSettings
from userapi.tokens.keys.material import public_jwk
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings

pytestmark = pytest.mark.any_database

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def client(keyed_app: Flask) -> FlaskClient:
    return keyed_app.test_client()


def keys_in(client: FlaskClient) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = client.get(JWKS).get_json()["keys"]
    return keys


def test_each_key_is_a_public_jwk(
    client: FlaskClient, keys: SigningKeyService, keyed_app: Flask, algorithm: Algorithm
) -> None:
    made = keys.generate()

    (jwk,) = keys_in(client)
    key = signing_key_of(keyed_app).verifies_with
    assert not isinstance(key, str)
    assert jwk == {
        **public_jwk(key),
        "use": "sig",
        "alg": algorithm,
        "kid": made.key_id,
    }
    assert not PRIVATE_MEMBERS & jwk.keys()


def test_a_coming_key_is_there_and_a_retired_one_is_not(
    client: FlaskClient, keys: SigningKeyService, clock: SetClock
) -> None:
    old, new = keys.generate(), keys.rotate()
    assert [key["kid"] for key in keys_in(client)] == [old.key_id, new.key_id]

    clock.forward(310)
    keys.retire(old.key_id)
    clock.forward(5)

    assert [key["kid"] for key in keys_in(client)] == [new.key_id]


def test_without_keys_the_set_is_empty(client: FlaskClient) -> None:
    assert keys_in(client) == []


def test_hs256_publishes_nothing(keyed_app: Flask, keys: SigningKeyService) -> None:
    keys.generate()
    settings = settings_of(keyed_app).replace(TokenSettings, algorithm=Algorithm.HS256)

    with application(settings) as app:
        answer = app.test_client().get(JWKS)

    assert (answer.status_code, answer.get_json()) == (200, {"keys": []})


@pytest.mark.parametrize("algorithm", ASYMMETRIC[:1], indirect=True)
def test_the_set_may_be_kept_for_its_max_age(keyed_app: Flask) -> None:
    settings = settings_of(keyed_app).replace(TokenSettings, jwks_max_age=77)

    with application(settings) as app:
        answer = app.test_client().get(JWKS)

    assert answer.headers["Cache-Control"] == "public, max-age=77"
    assert answer.mimetype == "application/json"


def test_a_set_that_is_current_is_not_sent_again(
    client: FlaskClient, keys: SigningKeyService
) -> None:
    keys.generate()
    tag = client.get(JWKS).headers["ETag"]

    answer = client.get(JWKS, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")
    assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (
        tag,
        "public, max-age=300",
    )


def test_a_set_that_has_changed_is_sent_again(
    client: FlaskClient, keys: SigningKeyService, clock: SetClock
) -> None:
    keys.generate()
    tag = client.get(JWKS).headers["ETag"]
    keys.rotate()
    clock.forward(5)

    answer = client.get(JWKS, headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert len(answer.get_json()["keys"]) == 2


@pytest.mark.parametrize("algorithm", ASYMMETRIC[:1], indirect=True)
def test_a_store_that_is_down_is_told(keyed_app: Flask) -> None:
    settings = settings_of(keyed_app).replace(DatabaseSettings, url=UNREACHABLE)

    with application(settings) as app:
        answer = app.test_client().get(JWKS)

    assert (answer.status_code, answer.get_json()["code"]) == (503, "store-unavailable")
