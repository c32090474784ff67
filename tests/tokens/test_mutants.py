"""Tokens of each kind and algorithm that were never issued: all are refused when they are read.

`tests/e2e/test_mutated_tokens.py` sends many more of them.
"""

from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, add_user, try_login
from support.applications import engine_of, settings_of
from support.databases import on_sqlite
from tokens.mutants import Mutator, public_forms, signed
from tokens.rings import signing_key_of
from userapi.config.groups import PasswordSettings
from userapi.kit.errors import TokenExpired, TokenInvalid
from userapi.kit.passwords import PasswordHasher
from userapi.tokens.claims import TokenKind
from userapi.tokens.codec import JWTCodec
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.service import SigningKeyService
from userapi.web.services import provided
from web.forger import ask

MUTANTS = 1_000

pytestmark = pytest.mark.parametrize("algorithm", list(Algorithm), indirect=True)
kinds = pytest.mark.parametrize("kind", list(TokenKind))


@pytest.fixture
def client(keyed_app: Flask, algorithm: Algorithm) -> FlaskClient:
    if algorithm.has_key_ring:
        with keyed_app.app_context():
            provided(SigningKeyService).generate()
    return keyed_app.test_client()


@pytest.fixture
def account(keyed_app: Flask) -> Account:
    """Whose tokens are changed."""
    hashed = PasswordHasher(cost=settings_of(keyed_app).of(PasswordSettings).hashing_cost).hash(
        Account(1, "").password
    )
    with Session(engine_of(keyed_app)) as session:
        return add_user(session, hashed, email="ada@example.com")


@pytest.fixture
def tokens(client: FlaskClient, account: Account) -> dict[str, str]:
    """Both tokens of a login."""
    answer: dict[str, str] = try_login(client, account.email).get_json()
    return answer


def mutator(
    app: Flask, client: FlaskClient, tokens: dict[str, str], kind: TokenKind, account: Account
) -> Mutator:
    second = try_login(client, account.email).get_json()
    others = [tokens[f"{other}_token"] for other in TokenKind if other is not kind]
    others += [second["access_token"], second["refresh_token"]]
    return Mutator(tokens[f"{kind}_token"], others, signing_key_of(app), seed=8725)


def verdict(codec: JWTCodec, token: str, kind: TokenKind) -> str:
    """Return what comes of reading a token; an error of any other kind fails the test."""
    try:
        codec.read(token, kind)
    except (TokenInvalid, TokenExpired):
        return "refused"
    return f"accepted {token}"


@on_sqlite
@kinds
def test_no_mutant_is_read(
    keyed_app: Flask, client: FlaskClient, tokens: dict[str, str], kind: TokenKind, account: Account
) -> None:
    mutants = mutator(keyed_app, client, tokens, kind, account).mutants(MUTANTS)

    with keyed_app.app_context():
        codec = provided(JWTCodec)
        verdicts = Counter(verdict(codec, token, kind) for token in mutants)
        codec.read(tokens[f"{kind}_token"], kind)

    assert verdicts == Counter({"refused": MUTANTS})


@on_sqlite
def test_what_the_key_signs_is_accepted(
    keyed_app: Flask, client: FlaskClient, tokens: dict[str, str], algorithm: Algorithm
) -> None:
    """The mutants that are signed are refused for what was changed, not for how they are made."""
    key = signing_key_of(keyed_app)
    original = Mutator(tokens["access_token"], [], key, seed=1)

    token = signed(original.header, original.claims, algorithm, key.signs_with)

    assert ask(client, f"Bearer {token}").status_code == 200
    assert len(public_forms(key)) in (1, 4)
