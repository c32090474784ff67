"""What authentication brings."""

from collections.abc import Iterator

from userapi.container import Feature, Shared
from userapi.sessions.repository import SessionRepository
from userapi.sessions.services.lifecycle import SessionService
from userapi.tokens.codec import JWTCodec
from userapi.web.authentication import Authenticator


def build(shared: Shared) -> Iterator[object]:
    """Yield what turns the `Authorization` header into a principal."""
    yield Authenticator(
        tokens=shared.get(JWTCodec),
        sessions=shared.get(SessionRepository),
        uses=shared.get(SessionService),
        clock=shared.clock,
    )


FEATURE = Feature(name="authentication", build=build)
