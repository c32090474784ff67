"""What authentication brings."""

from collections.abc import Iterator

from userapi.authentication.repository import CallerRepository
from userapi.authentication.service import BearerAuthenticator, SessionTokenVerifier
from userapi.container import Feature, Implements, Shared
from userapi.kit.transaction import PrincipalLock
from userapi.sessions.credentials import REFRESH_TOKEN
from userapi.sessions.services.lifecycle import SessionService
from userapi.tokens.claims import TokenKind
from userapi.tokens.codec import JWTCodec
from userapi.web.authentication import ACCESS_TOKEN, Authenticator


def build(shared: Shared) -> Iterator[object]:
    """Yield what turns the `Authorization` header into a principal, and locks it."""
    callers = CallerRepository(db=shared.db, clock=shared.database_clock)
    verifiers = {
        scheme.name: SessionTokenVerifier(
            kind=kind,
            tokens=shared.get(JWTCodec),
            callers=callers,
            uses=shared.get(SessionService),
            clock=shared.clock,
        )
        for scheme, kind in ((ACCESS_TOKEN, TokenKind.ACCESS), (REFRESH_TOKEN, TokenKind.REFRESH))
    }
    yield Implements(PrincipalLock, callers)
    yield Implements(Authenticator, BearerAuthenticator(verifiers=verifiers))


FEATURE = Feature(name="authentication", build=build)
