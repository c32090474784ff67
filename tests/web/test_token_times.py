"""Times of tokens: compared with the service's own clock, their beginning with a small leeway."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask

from support.clocks import SetClock
from support.rows import NOON, at_minute
from support.tokens import claims_of
from userapi.kit.errors import TokenExpired, TokenInvalid
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec, TokenConfig, init_tokens
from userapi.tokens.keys.ring import SharedSecret

SECRET = "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br"
LEEWAY = 10
ISSUED, EXPIRES = NOON, at_minute(60)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(ISSUED)


@pytest.fixture
def codec(clock: SetClock) -> JWTCodec:
    config = TokenConfig("userapi", "userapi", timedelta(seconds=LEEWAY))
    return JWTCodec(keys=SharedSecret(secret=SECRET), config=config, clock=clock)


@pytest.fixture
def subject() -> TokenSubject:
    return TokenSubject(user_id=7, session_id=uuid.UUID(int=1), is_admin=False)


@pytest.fixture
def token(codec: JWTCodec, subject: TokenSubject) -> str:
    """A token that is valid from noon for one hour."""
    return issued(codec, subject)


def issued(codec: JWTCodec, subject: TokenSubject) -> str:
    app = Flask("issuer")
    names = {"JWT_ENCODE_ISSUER": "userapi", "JWT_ENCODE_AUDIENCE": "userapi"}
    app.config.from_mapping(names, JWT_SECRET_KEY=SECRET, JWT_COOKIE_CSRF_PROTECT=False)
    init_tokens(app)
    with app.app_context():
        return codec.issue(TokenKind.ACCESS, subject, TokenClaims("one", ISSUED, EXPIRES))


def test_a_token_says_the_times_of_its_stamp(token: str) -> None:
    claims = claims_of(token)

    assert (claims["iat"], claims["nbf"], claims["exp"]) == (
        ISSUED.timestamp(),
        ISSUED.timestamp(),
        EXPIRES.timestamp(),
    )


def test_the_same_stamp_gives_the_same_token(codec: JWTCodec, subject: TokenSubject) -> None:
    assert issued(codec, subject) == issued(codec, subject)


@pytest.mark.parametrize("seconds", [-LEEWAY, 0, 1800, 3599])
def test_a_token_is_valid_in_its_time(
    codec: JWTCodec, token: str, subject: TokenSubject, clock: SetClock, seconds: int
) -> None:
    clock.forward(seconds)

    assert codec.read(token, TokenKind.ACCESS).subject == subject


@pytest.mark.parametrize("seconds", [3600, 3600 + LEEWAY, 3700, 10**9])
def test_a_token_expires(codec: JWTCodec, token: str, clock: SetClock, seconds: int) -> None:
    clock.forward(seconds)

    with pytest.raises(TokenExpired):
        codec.read(token, TokenKind.ACCESS)


@pytest.mark.parametrize("seconds", [-LEEWAY - 1, -3600, -(10**9)])
def test_a_token_is_not_valid_before_its_time(
    codec: JWTCodec, token: str, clock: SetClock, seconds: int
) -> None:
    clock.forward(seconds)

    with pytest.raises(TokenInvalid):
        codec.read(token, TokenKind.ACCESS)
