"""What is remembered of tokens that were verified, and what is asked each time."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import jwt
import pytest
from flask import Flask

from support.clocks import SetClock
from tokens.keys import CountedSource, new_key
from userapi.kit.errors import TokenExpired, TokenInvalid
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject
from userapi.tokens.codec import JWTCodec, TokenConfig, init_tokens
from userapi.tokens.keys.ring import CachedKeyRing, KeyAges
from userapi.tokens.keys.signing import Algorithm

KEY_ID = "the-key"
NAME = "the service"
LIFETIME = timedelta(minutes=5)


@dataclass
class Service:
    """Tokens of a ring that is read again for each of them."""

    clock: SetClock = field(default_factory=SetClock)
    source: CountedSource = field(default_factory=lambda: CountedSource([new_key(KEY_ID)]))
    verified: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._app = Flask(__name__)
        self._app.config.update(
            JWT_ALGORITHM="EdDSA", JWT_ENCODE_ISSUER=NAME, JWT_ENCODE_AUDIENCE=NAME
        )
        init_tokens(self._app)
        ages = KeyAges(renewed=timedelta(), oldest=timedelta())
        ring = CachedKeyRing(
            algorithm=Algorithm.EDDSA, source=self.source, clock=self.clock, ages=ages
        )
        config = TokenConfig(issuer=NAME, audience=NAME, leeway=timedelta())
        self.codec = JWTCodec(keys=ring, config=config, clock=self.clock)

    def issue(self) -> str:
        subject = TokenSubject(7, uuid.uuid4(), is_admin=False)
        now = self.clock()
        stamp = TokenClaims(uuid.uuid4().hex, now, now + LIFETIME, KEY_ID)
        with self._app.app_context():
            return self.codec.issue(TokenKind.ACCESS, subject, stamp)

    def read(self, token: str, kind: TokenKind = TokenKind.ACCESS) -> int:
        return self.codec.read(token, kind).subject.user_id


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service that tells which signatures were verified."""
    service = Service()
    decode = jwt.decode

    def noted(token: str, *arguments: object, **options: object) -> object:
        service.verified.append(token)
        return decode(token, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(jwt, "decode", noted)
    return service


def test_a_signature_is_verified_once(service: Service) -> None:
    token = service.issue()

    assert [service.read(token) for _ in range(3)] == [7, 7, 7]
    assert service.verified == [token]


def test_a_remembered_token_ends_with_its_key(service: Service) -> None:
    token = service.issue()
    service.read(token)

    service.source.keys.clear()

    with pytest.raises(TokenInvalid):
        service.read(token)


def test_another_key_of_the_same_name_has_not_signed_it(service: Service) -> None:
    token = service.issue()
    service.read(token)

    service.source.keys[:] = [new_key(KEY_ID)]

    with pytest.raises(TokenInvalid):
        service.read(token)


def test_a_remembered_token_expires(service: Service) -> None:
    token = service.issue()
    service.read(token)

    service.clock.move_on(LIFETIME)

    with pytest.raises(TokenExpired):
        service.read(token)


def test_a_remembered_token_stays_of_its_kind(service: Service) -> None:
    token = service.issue()
    service.read(token)

    with pytest.raises(TokenInvalid):
        service.read(token, TokenKind.REFRESH)


def test_what_is_refused_is_not_remembered(service: Service) -> None:
    token = f"{service.issue()[:-4]}AAAA"

    for _ in range(2):
        with pytest.raises(TokenInvalid):
            service.read(token)

    assert service.verified == [token, token]
