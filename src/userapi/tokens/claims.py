"""What the services need of the token format: that tokens can be issued, and issued again."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

NAME_LENGTH = 200
"""The limit of the characters of an issuer and of an audience."""

TOKEN_LENGTH = 8_000
"""The limit of the characters of a token: two names, each character written as twelve, and more."""


class TokenKind(StrEnum):
    """An access token opens the API; a refresh token only gets new tokens."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Whom a token speaks for: the user, the login session, and the rights at that moment."""

    user_id: int
    session_id: uuid.UUID
    is_admin: bool


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What makes one token out of all those with the same kind and subject.

    The same kind, subject and stamp give the same token again. `token_id` is its `jti`; times
    count in whole seconds. `key_id` names the key that signs; None stands for the only one.
    """

    token_id: str
    issued_at: datetime
    expires_at: datetime
    key_id: str | None = None


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token that was verified: whom it speaks for, and its `jti`."""

    subject: TokenSubject
    token_id: str


class TokenIssuer(Protocol):
    """Makes signed tokens."""

    def signing_key_id(self) -> str | None:
        """Return the id of the key that signs now; None where there is only one.

        Raises `NoSigningKey` where there is none.
        """
        ...

    def issue(self, kind: TokenKind, subject: TokenSubject, stamp: TokenClaims) -> str:
        """Return the signed token of that kind, subject and stamp.

        Raises `NoSigningKey` when the stamp's key cannot sign, or not any more.
        """
        ...
