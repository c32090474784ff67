"""What login sessions bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Implements, Purge, Shared
from userapi.kit.transaction import PrincipalLock
from userapi.sessions.models import UserSession
from userapi.sessions.repository import SessionRepository
from userapi.sessions.resources import blp
from userapi.sessions.rotation import Lifetimes, Rotation
from userapi.sessions.services.lifecycle import SessionOpener, SessionService
from userapi.sessions.services.retention import SessionRetention
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.tokens.codec import JWTCodec
from userapi.users.repository import UserRepository
from userapi.users.service import SessionRevoker
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what opens, refreshes, lists and ends sessions."""
    settings = shared.settings
    sessions = SessionRepository(session=shared.db)
    lifetimes = Lifetimes(
        access=settings.access_token_lifetime,
        idle=settings.session_idle_lifetime,
        absolute=settings.refresh_token_lifetime,
    )
    yield sessions
    yield Implements(SessionRevoker, sessions)
    yield Implements(PrincipalLock, sessions)
    yield SessionOpener(
        sessions=sessions,
        tokens=shared.get(JWTCodec),
        lifetimes=lifetimes,
        client_info=shared.client_info,
        clock=shared.clock,
    )
    yield SessionService(
        transaction=shared.transaction,
        sessions=sessions,
        tokens=shared.get(JWTCodec),
        lifetimes=lifetimes,
        rotation=Rotation(key=shared.derived_key("refresh rotation"), grace=settings.refresh_grace),
        audit=shared.get(AuditTrail),
        client_info=shared.client_info,
        clock=shared.clock,
    )
    yield UserSessionService(
        transaction=shared.transaction,
        sessions=sessions,
        users=shared.get(UserRepository),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )
    yield SessionRetention(transaction=shared.transaction, sessions=sessions, clock=shared.clock)


FEATURE = Feature(
    name="sessions",
    blueprint=blp,
    build=build,
    models=(UserSession,),
    purges=(Purge("ended sessions", lambda: provided(SessionRetention).delete_expired()),),
)
