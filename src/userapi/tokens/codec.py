"""Signed tokens: Flask-JWT-Extended makes them, PyJWT checks their signatures.

Everything else is checked here: every claim is required and has one type, the header is exactly
ours, each token has one spelling, access and refresh tokens differ in their header as well as in
their claims, and times are compared with the service's own clock.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import flask_jwt_extended
import jwt
from flask import Flask
from jwt.types import Options
from jwt.utils import base64url_decode, base64url_encode

from userapi.kit.clock import Clock
from userapi.kit.errors import TokenExpired, TokenInvalid
from userapi.tokens.claims import TokenClaims, TokenKind, TokenSubject, VerifiedToken
from userapi.tokens.errors import NoSigningKey
from userapi.tokens.keys.signing import Algorithm, KeyRing, SigningKey

_HEADER_TYPES = {TokenKind.ACCESS: "at+jwt", TokenKind.REFRESH: "rt+jwt"}
_TYPES_OF_CLAIMS: dict[str, type] = {
    "iss": str,
    "aud": str,
    "sub": str,
    "jti": str,
    "sid": str,
    "type": str,
    "iat": int,
    "nbf": int,
    "exp": int,
    "is_admin": bool,
}
_TIMES = ("iat", "nbf", "exp")
_REMEMBERED = 2_000
"""Of how many tokens a process remembers that their signature is right."""
_LAST_SECOND = 253_402_300_799  # of the year 9999, where Python's dates end
_ID = re.compile(r"[1-9][0-9]{0,18}")
_MAX_ID = 2**63 - 1
_P256_HALF_ORDER = 0x7FFFFFFF800000007FFFFFFFFFFFFFFFDE737D56D38BCF4279DCE5617E3192A8
_SIGNATURE_ONLY: Options = {
    "verify_signature": True,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


def init_tokens(app: Flask) -> None:
    """Set up Flask-JWT-Extended for `app`: each token is signed with the key handed in with it."""
    manager = flask_jwt_extended.JWTManager(app)
    manager.user_identity_loader(lambda signed: signed.name)
    manager.encode_key_loader(lambda signed: signed.key.signs_with)


@dataclass(frozen=True, slots=True)
class _SignedIdentity:
    """Whom a token is for, and the key that signs it: what Flask-JWT-Extended hands through."""

    name: str
    key: SigningKey


@dataclass(frozen=True, slots=True)
class TokenConfig:
    """What all tokens have in common: the issuer, the audience, and the clocks' difference."""

    issuer: str
    audience: str
    leeway: timedelta


@dataclass(frozen=True, slots=True)
class _SignedToken:
    """A token with the key that has signed it; its times are still to be looked at.

    `type` is what its header calls it, `subject` None where its claims tell of none.
    """

    key: SigningKey
    type: object
    claims: Mapping[str, Any]
    subject: TokenSubject | None


class JWTCodec:
    """Issues and reads tokens; implements `tokens.claims.TokenIssuer`."""

    def __init__(self, *, keys: KeyRing, config: TokenConfig, clock: Clock) -> None:
        self._keys = keys
        self._config = config
        self._clock = clock
        self._header_fields = {"alg", "typ"} | ({"kid"} if keys.algorithm.has_key_ring else set())
        self._remember = lru_cache(maxsize=_REMEMBERED)(self._verify)

    def signing_key_id(self) -> str | None:
        """Return the id of the key that signs now; None where there is only one.

        Raises `NoSigningKey` where there is none.
        """
        return self._keys.signing_key().key_id

    def issue(self, kind: TokenKind, subject: TokenSubject, stamp: TokenClaims) -> str:
        """Return the signed token of that kind, subject and stamp.

        Raises `NoSigningKey` when the stamp's key cannot sign, or not any more.
        """
        key = self._keys.find(stamp.key_id)
        if key is None or key.signs_with is None:
            raise NoSigningKey
        create = (
            flask_jwt_extended.create_access_token
            if kind is TokenKind.ACCESS
            else flask_jwt_extended.create_refresh_token
        )
        header = {"typ": _HEADER_TYPES[kind]} | ({"kid": key.key_id} if key.key_id else {})
        token: str = create(
            _SignedIdentity(str(subject.user_id), key),
            additional_claims={
                "sid": str(subject.session_id),
                "is_admin": subject.is_admin,
                "jti": stamp.token_id,
                "iat": stamp.issued_at,
                "nbf": stamp.issued_at,
                "exp": stamp.expires_at,
            },
            additional_headers=header,
        )
        return token

    def read(self, token: str, kind: TokenKind) -> VerifiedToken:
        """Verify a token and return what it says.

        Raises `TokenExpired` for one signed here whose time is over, whatever its kind, and
        `TokenInvalid` for everything else that is not a valid token of that kind.
        """
        signed = self._remember(token)
        accepted = self._keys.find(signed.key.key_id)
        if accepted is None or accepted.verifies_with != signed.key.verifies_with:
            signed = self._verify(token)  # its key is gone, or another one has its name
        self._ensure_ours_and_timely(signed.claims)
        if (
            signed.subject is None
            or signed.claims["type"] != kind
            or signed.type != _HEADER_TYPES[kind]
        ):
            raise TokenInvalid
        return VerifiedToken(signed.subject, signed.claims["jti"])

    def _verify(self, token: str) -> _SignedToken:
        """Return what holds for ever: what a token says, and that a key of ours has signed it.

        Raises `TokenInvalid`; that is never remembered.
        """
        try:
            header = jwt.get_unverified_header(token)
            key = self._key_of(header)
            claims = jwt.decode(
                token,
                key.verifies_with,
                algorithms=[self._keys.algorithm],
                options=_SIGNATURE_ONLY,
            )
        except (
            jwt.PyJWTError,
            ValueError,
            TypeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            raise TokenInvalid from error
        if not _is_spelt_as_issued(token, key.algorithm) or not _are_well_typed(claims):
            raise TokenInvalid
        return _SignedToken(key, header["typ"], claims, _subject_in(claims))

    def _key_of(self, header: Mapping[str, Any]) -> SigningKey:
        """Return the key that a header names; it has our fields only, `crit` is not one."""
        key_id = header.get("kid")
        if header.keys() != self._header_fields or header["alg"] != self._keys.algorithm:
            raise TokenInvalid
        key = self._keys.find(key_id)
        if key is None:
            raise TokenInvalid
        return key

    def _ensure_ours_and_timely(self, claims: Mapping[str, Any]) -> None:
        if (claims["iss"], claims["aud"]) != (self._config.issuer, self._config.audience):
            raise TokenInvalid
        now, leeway = self._clock().timestamp(), self._config.leeway.total_seconds()
        # The end is not put off: another host may have refused the token already.
        if claims["exp"] <= now:
            raise TokenExpired
        if max(claims["iat"], claims["nbf"]) > now + leeway:
            raise TokenInvalid


def _is_spelt_as_issued(token: str, algorithm: Algorithm) -> bool:
    """Say whether the signature of a verified token is written as we write it.

    The other two parts are signed as they are written, but in the signature the library allows
    padding, and older versions of it unused bits and stray characters too. Of ES256's two equal
    signatures ours is the one with the lower second half.
    """
    signature = token.rpartition(".")[2]
    decoded = base64url_decode(signature)
    if algorithm is Algorithm.ES256 and int.from_bytes(decoded[32:]) > _P256_HALF_ORDER:
        return False
    return base64url_encode(decoded) == signature.encode()


def _are_well_typed(claims: dict[str, Any]) -> bool:
    return all(type(claims.get(name)) is expected for name, expected in _TYPES_OF_CLAIMS.items())


def _subject_in(claims: Mapping[str, Any]) -> TokenSubject | None:
    """Return whom a token speaks for; None where its claims are not as we write them."""
    is_timed = all(0 <= claims[name] <= _LAST_SECOND for name in _TIMES)
    if not is_timed or not _ID.fullmatch(claims["sub"]):
        return None
    user_id = int(claims["sub"])
    try:
        session_id = uuid.UUID(claims["sid"])
    except ValueError:
        return None
    if user_id > _MAX_ID or str(session_id) != claims["sid"]:
        return None
    return TokenSubject(user_id=user_id, session_id=session_id, is_admin=claims["is_admin"])
