"""Who is asking: one authenticator for every kind of credential."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from userapi.authentication.repository import CallerRepository
from userapi.kit.clock import Clock
from userapi.kit.errors import SessionEnded, TokenInvalid, TokenMissing
from userapi.kit.principal import Principal
from userapi.sessions.services.lifecycle import USE_INTERVAL, SessionService
from userapi.tokens.claims import TokenKind, VerifiedToken


class Verifier(Protocol):
    """Verifies the credentials of one security scheme."""

    def verify(self, token: str) -> Principal:
        """Return the caller behind a token.

        Raises `TokenInvalid`, also for a token of another scheme, `TokenExpired` or `SessionEnded`.
        """
        ...


class TokenReader(Protocol):
    """Reads signed tokens."""

    def read(self, token: str, kind: TokenKind) -> VerifiedToken:
        """Return what the token says; raise `TokenInvalid` or `TokenExpired`."""
        ...


class BearerAuthenticator:
    """Turns a bearer token into the caller; nothing is cached."""

    def __init__(self, *, verifiers: Mapping[str, Verifier]) -> None:
        self._verifiers = verifiers

    def authenticate(self, authorization: str | None, schemes: Sequence[str]) -> Principal:
        """Return the caller that an `Authorization` header proves, by one of these schemes.

        Raises `TokenMissing`, `TokenInvalid`, `TokenExpired` or `SessionEnded`.
        """
        kind, _, token = (authorization or "").partition(" ")
        token = token.strip(" ")
        if kind.lower() != "bearer" or not token:
            raise TokenMissing
        *others, last = (self._verifiers[scheme] for scheme in schemes)
        for verifier in others:
            with suppress(TokenInvalid):
                return verifier.verify(token)
        return last.verify(token)


class SessionTokenVerifier:
    """Verifies tokens of login sessions, of one kind; one query each time."""

    def __init__(
        self,
        *,
        kind: TokenKind,
        tokens: TokenReader,
        callers: CallerRepository,
        uses: SessionService,
        clock: Clock,
    ) -> None:
        self._kind = kind
        self._tokens = tokens
        self._callers = callers
        self._uses = uses
        self._clock = clock

    def verify(self, token: str) -> Principal:
        """Return the caller whose session the token belongs to."""
        verified = self._tokens.read(token, self._kind)
        principal = self._callers.find_caller(verified)
        if principal is None:
            raise SessionEnded
        is_due = principal.credential.used_at <= self._clock() - USE_INTERVAL
        if is_due and self._kind is TokenKind.ACCESS:  # a refresh records its use itself
            self._uses.touch(principal)
        return principal
