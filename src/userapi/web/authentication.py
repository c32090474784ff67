"""From the `Authorization` header to the principal."""

from datetime import datetime
from typing import Protocol

from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded
from userapi.kit.principal import Principal
from userapi.kit.tokens import TokenKind, VerifiedToken
from userapi.web.errors import TokenMissing


class TokenReader(Protocol):
    """Verifies tokens."""

    def read(self, token: str, kind: TokenKind) -> VerifiedToken:
        """Return what the token says; raise `TokenInvalid` or `TokenExpired`."""
        ...


class SessionDirectory(Protocol):
    """Knows whom a live session belongs to."""

    def find_principal(self, token: VerifiedToken, now: datetime) -> Principal | None:
        """Return the caller behind a token whose session is alive at `now`, else None."""
        ...


class SessionToucher(Protocol):
    """Knows when sessions were last used, to about a minute."""

    def touch(self, principal: Principal) -> None:
        """Note that the caller's session is in use, unless that was noted just before."""
        ...


class Authenticator:
    """Turns a bearer token into the caller; one query each time, nothing is cached."""

    def __init__(
        self, *, tokens: TokenReader, sessions: SessionDirectory, uses: SessionToucher, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._uses = uses
        self._clock = clock

    def authenticate(self, authorization: str | None, kind: TokenKind) -> Principal:
        """Return the caller that an `Authorization` header proves.

        Raises `TokenMissing`, `TokenInvalid`, `TokenExpired` or `SessionEnded`.
        """
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        principal = self._sessions.find_principal(self._tokens.read(token, kind), self._clock())
        if principal is None:
            raise SessionEnded
        if kind is TokenKind.ACCESS:  # a refresh notes its use with the rotation
            self._uses.touch(principal)
        return principal
