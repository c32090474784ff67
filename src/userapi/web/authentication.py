"""From the `Authorization` header to the principal."""

import uuid
from datetime import datetime
from typing import Protocol

from userapi.kit.clock import Clock
from userapi.kit.principal import Principal
from userapi.kit.tokens import ReadToken, TokenKind
from userapi.web.errors import SessionEnded, TokenMissing


class TokenReader(Protocol):
    """Verifies tokens."""

    def read(self, token: str, kind: TokenKind) -> ReadToken:
        """Return what the token says; raise `TokenInvalid` or `TokenExpired`."""
        ...


class SessionDirectory(Protocol):
    """Knows whom a live session belongs to."""

    def find_principal(
        self, session_id: uuid.UUID, user_id: int, now: datetime
    ) -> Principal | None:
        """Return the caller behind a session that is alive at `now`, else None."""
        ...


class Authenticator:
    """Turns a bearer token into the caller; one query each time, nothing is cached."""

    def __init__(self, *, tokens: TokenReader, sessions: SessionDirectory, clock: Clock) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._clock = clock

    def authenticate(self, authorization: str | None, kind: TokenKind) -> Principal:
        """Return the caller that an `Authorization` header proves.

        Raises `TokenMissing`, `TokenInvalid`, `TokenExpired` or `SessionEnded`.
        """
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        subject = self._tokens.read(token, kind).subject
        principal = self._sessions.find_principal(
            subject.session_id, subject.user_id, self._clock()
        )
        if principal is None:
            raise SessionEnded
        return principal
