"""The longest token that there can be has the length that the document promises."""

import uuid
from datetime import datetime, timedelta

import flask_jwt_extended
import pytest
from flask import Flask

from support.clocks import SetClock
from support.rows import NOON
from tokens.keys import CountedSource, new_key
from userapi.tokens.claims import NAME_LENGTH, TOKEN_LENGTH, TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec, TokenConfig, init_tokens
from userapi.tokens.keys.ring import CachedKeyRing
from userapi.tokens.keys.signing import Algorithm

LONGEST_NAME = "😀" * NAME_LENGTH
KEY_ID = "k" * 64


def clock() -> datetime:
    return NOON


@pytest.mark.parametrize("kind", TokenKind)
def test_the_longest_names_make_no_token_too_long(kind: TokenKind) -> None:
    app = Flask(__name__)
    app.config.update(
        JWT_ALGORITHM="EdDSA", JWT_ENCODE_ISSUER=LONGEST_NAME, JWT_ENCODE_AUDIENCE=LONGEST_NAME
    )
    init_tokens(app)
    ring = CachedKeyRing(
        algorithm=Algorithm.EDDSA, source=CountedSource([new_key(KEY_ID)]), clock=SetClock()
    )
    config = TokenConfig(issuer=LONGEST_NAME, audience=LONGEST_NAME, leeway=timedelta())
    subject = TokenSubject(2**63 - 1, uuid.uuid4(), is_admin=False)
    stamp = TokenClaims(uuid.uuid4().hex, NOON, NOON + timedelta(days=1), KEY_ID)

    with app.app_context():
        token = JWTCodec(keys=ring, config=config, clock=clock).issue(kind, subject, stamp)
        claims = flask_jwt_extended.get_unverified_jwt_headers(token)

    assert claims["kid"] == KEY_ID
    assert 6_000 < len(token) <= TOKEN_LENGTH
