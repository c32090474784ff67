"""Signed tokens: Flask-JWT-Extended makes and verifies them, stricter checks come on top.

Left to itself the library accepts a token without `type`, `exp` or `jti`, with any `typ` or
`kid` in its header, and in several spellings of one signature. Here every claim is required and
has one type, the header is exactly ours, each token has one spelling, and access and refresh
tokens differ in their header as well as in their claims.
"""

import re
import uuid
from typing import Any

import flask_jwt_extended
import jwt
from flask import Flask
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.utils import base64url_decode, base64url_encode

from userapi.kit.tokens import ReadToken, TokenKind, TokenStamp, TokenSubject
from userapi.web.errors import TokenExpired, TokenInvalid

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
_LAST_SECOND = 253_402_300_799  # of the year 9999, where Python's dates end
_ID = re.compile(r"[1-9][0-9]{0,18}")
_MAX_ID = 2**63 - 1


def init_tokens(app: Flask) -> None:
    """Set up Flask-JWT-Extended for `app`."""
    flask_jwt_extended.JWTManager(app)


class JWTCodec:
    """Issues and reads tokens; implements `kit.tokens.TokenIssuer`.

    The keys, the algorithm, the issuer and the audience are the application's configuration.
    """

    def signing_key_id(self) -> str | None:
        """Return None: there is one key only."""
        return None

    def issue(self, kind: TokenKind, subject: TokenSubject, stamp: TokenStamp) -> str:
        """Return the signed token of that kind, subject and stamp."""
        create = (
            flask_jwt_extended.create_access_token
            if kind is TokenKind.ACCESS
            else flask_jwt_extended.create_refresh_token
        )
        token: str = create(
            str(subject.user_id),
            additional_claims={
                "sid": str(subject.session_id),
                "is_admin": subject.is_admin,
                "jti": stamp.token_id,
                "iat": stamp.issued_at,
                "nbf": stamp.issued_at,
                "exp": stamp.expires_at,
            },
            additional_headers={"typ": _HEADER_TYPES[kind]},
        )
        return token

    def read(self, token: str, kind: TokenKind) -> ReadToken:
        """Verify a token and return what it says.

        Raises `TokenExpired` for one signed here whose time is over, whatever its kind, and
        `TokenInvalid` for everything else that is not a valid token of that kind.
        """
        try:
            flask_jwt_extended.decode_token(token)
            header = jwt.get_unverified_header(token)
            # The verified claims, but as they were sent: decode_token fills in missing ones.
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired from error
        except (
            jwt.PyJWTError,
            JWTExtendedException,
            ValueError,
            TypeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            raise TokenInvalid from error
        if not _is_spelt_as_issued(token):
            raise TokenInvalid
        return ReadToken(_subject(header, claims, kind), claims["jti"])


def _is_spelt_as_issued(token: str) -> bool:
    """Say whether the signature of a verified token is written as we write it.

    The other two parts are signed as they are written, but in the signature the library allows
    padding, and older versions of it unused bits and stray characters too.
    """
    signature = token.rpartition(".")[2]
    return base64url_encode(base64url_decode(signature)) == signature.encode()


def _subject(header: dict[str, Any], claims: dict[str, Any], kind: TokenKind) -> TokenSubject:
    well_typed = all(
        type(claims.get(name)) is expected for name, expected in _TYPES_OF_CLAIMS.items()
    )
    if (
        not well_typed
        or header.keys() != {"alg", "typ"}
        or header["typ"] != _HEADER_TYPES[kind]
        or claims["type"] != kind
        or not all(0 <= claims[name] <= _LAST_SECOND for name in _TIMES)
        or not _ID.fullmatch(claims["sub"])
    ):
        raise TokenInvalid
    user_id = int(claims["sub"])
    try:
        session_id = uuid.UUID(claims["sid"])
    except ValueError as error:
        raise TokenInvalid from error
    if user_id > _MAX_ID or str(session_id) != claims["sid"]:
        raise TokenInvalid
    return TokenSubject(user_id=user_id, session_id=session_id, is_admin=claims["is_admin"])
