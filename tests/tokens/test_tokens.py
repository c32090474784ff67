"""Tokens that are signed with keys of the ring."""

import logging
import uuid
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Login, add_user, bearer, open_login, try_login
from support.answers import assert_problem, verdict
from support.applications import application, engine_of, settings_of
from support.clocks import SetClock, set_clock
from support.paths import ME, REFRESH
from tokens.keys import ASYMMETRIC
from tokens.rings import signing_key_of, unsealed_key_of
from userapi.config.groups import PasswordSettings
from userapi.config.secrets import SecretSettings
from userapi.kit.passwords import PasswordHasher
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec
from userapi.tokens.errors import NoSigningKey
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.services import provided

pytestmark = pytest.mark.any_database

one_algorithm = pytest.mark.parametrize("algorithm", ASYMMETRIC[:1], indirect=True)


@pytest.fixture
def client(keyed_app: Flask) -> FlaskClient:
    return keyed_app.test_client()


@pytest.fixture
def account(keyed_app: Flask) -> Account:
    """Somebody who logs in."""
    hashed = PasswordHasher(cost=settings_of(keyed_app).of(PasswordSettings).hashing_cost).hash(
        Account(1, "").password
    )
    with Session(engine_of(keyed_app)) as session:
        return add_user(session, hashed, email="ada@example.com")


@pytest.fixture
def keys(keyed_app: Flask) -> SigningKeyService:
    """The ring, with a key that signs; each call needs an application context."""
    with keyed_app.app_context():
        service = provided(SigningKeyService)
        service.generate()
    return service


@pytest.fixture
def login(client: FlaskClient, keys: SigningKeyService, account: Account) -> Login:
    return open_login(client, account)


def header_of(headers: dict[str, str]) -> dict[str, str]:
    return jwt.get_unverified_header(headers["Authorization"].removeprefix("Bearer "))


def test_both_tokens_name_their_key_and_its_algorithm(
    keyed_app: Flask, login: Login, algorithm: Algorithm
) -> None:
    named = {"alg": str(algorithm), "kid": signing_key_of(keyed_app).key_id}

    assert header_of(login.access) == {**named, "typ": "at+jwt"}
    assert header_of(login.refresh) == {**named, "typ": "rt+jwt"}


def test_both_tokens_work(client: FlaskClient, login: Login) -> None:
    assert client.get(ME, headers=login.access).status_code == 200
    assert client.post(REFRESH, headers=login.refresh).status_code == 200


@one_algorithm
def test_a_new_key_takes_over_and_the_old_one_verifies(
    client: FlaskClient, keyed_app: Flask, keys: SigningKeyService, login: Login, clock: SetClock
) -> None:
    with keyed_app.app_context():
        new = keys.rotate()
    clock.forward(310)

    refreshed = client.post(REFRESH, headers=login.refresh).get_json()["access_token"]

    assert jwt.get_unverified_header(refreshed)["kid"] == new.key_id
    for headers in (login.access, bearer(refreshed)):
        assert client.get(ME, headers=headers).status_code == 200


@one_algorithm
def test_tokens_of_a_retired_key_are_refused_within_ten_seconds(
    client: FlaskClient, keyed_app: Flask, keys: SigningKeyService, login: Login, clock: SetClock
) -> None:
    with keyed_app.app_context():
        keys.rotate()
        clock.forward(310)
        client.get(ME, headers=login.access)
        keys.retire(str(header_of(login.access)["kid"]))
    clock.forward(10)

    assert verdict(client.get(ME, headers=login.access)) == (401, "token-invalid")
    assert verdict(client.post(REFRESH, headers=login.refresh)) == (401, "token-invalid")


@one_algorithm
def test_a_key_that_another_process_made_is_found_at_once(
    client: FlaskClient, keyed_app: Flask, account: Account, clock: SetClock
) -> None:
    assert client.get(ME, headers=bearer("e30.e30.e30")).status_code == 401
    with application(settings_of(keyed_app)) as other:
        set_clock(other, clock)
        with other.app_context():
            provided(SigningKeyService).generate()
        login = open_login(other.test_client(), account)

    assert client.get(ME, headers=login.access).status_code == 200


@one_algorithm
def test_no_token_is_made_with_a_key_that_there_is_not(
    keyed_app: Flask, keys: SigningKeyService, clock: SetClock
) -> None:
    subject = TokenSubject(1, uuid.uuid4(), is_admin=False)
    stamp = TokenClaims("the id", clock(), clock() + timedelta(hours=1), key_id="unknown")

    with keyed_app.app_context(), pytest.raises(NoSigningKey):
        provided(JWTCodec).issue(TokenKind.ACCESS, subject, stamp)


@one_algorithm
def test_without_a_key_a_login_is_told_to_come_again(client: FlaskClient, account: Account) -> None:
    answer = try_login(client, account.email)

    assert_problem(answer, 503, "no-signing-key")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("other", list(Algorithm))
def test_another_algorithm_ends_all_tokens(
    keyed_app: Flask, login: Login, algorithm: Algorithm, other: Algorithm
) -> None:
    with application(settings_of(keyed_app).replace(TokenSettings, algorithm=other)) as app:
        answer = app.test_client().get(ME, headers=login.access)

    assert answer.status_code == (200 if other is algorithm else 401)


def test_nothing_private_is_logged_or_answered(
    client: FlaskClient,
    keyed_app: Flask,
    keys: SigningKeyService,
    account: Account,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    login = open_login(client, account)
    answers = [
        client.get(ME, headers=login.access).text,
        client.get(ME, headers=bearer("e30.e30.e30")).text,
        client.get("/.well-known/jwks.json").text,
    ]
    with keyed_app.app_context():
        shown = [*answers, caplog.text, repr(keys.list()), repr(signing_key_of(keyed_app))]

    key = unsealed_key_of(keyed_app)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings = settings_of(keyed_app)
    for secret in (
        *pem.splitlines()[1:-1],
        settings.of(SecretSettings).secret_key,
        settings.of(SecretSettings).jwt_secret_key,
    ):
        assert [text for text in shown if secret in text] == []
