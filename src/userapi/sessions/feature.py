"""What login sessions bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Implements, Purge, Shared
from userapi.kit.credentials import Credentials
from userapi.kit.personal_data import PersonalData
from userapi.sessions.events import SessionEvent
from userapi.sessions.models import UserSession
from userapi.sessions.repository import SessionRepository
from userapi.sessions.resources import blp
from userapi.sessions.rotation import Rotation
from userapi.sessions.services.lifecycle import SessionOpener, SessionService
from userapi.sessions.services.retention import SessionRetention
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.sessions.settings import SessionSettings
from userapi.throttling.services.unlocking import LoginHistory
from userapi.tokens.codec import JWTCodec
from userapi.users.removal import SessionRevoker
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what opens, refreshes, lists and ends sessions."""
    settings = shared.settings.of(SessionSettings)
    sessions = SessionRepository(db=shared.db, clock=shared.database_clock)
    yield sessions
    yield Implements(SessionRevoker, sessions)
    yield SessionOpener(
        sessions=sessions,
        tokens=shared.get(JWTCodec),
        lifetimes=settings.lifetimes,
        retention=settings.retention,
        audit=shared.get(AuditTrail),
        client_info=shared.client_info,
    )
    yield SessionService(
        transaction=shared.transaction,
        sessions=sessions,
        tokens=shared.get(JWTCodec),
        lifetimes=settings.lifetimes,
        rotation=Rotation(key=shared.derived_key("refresh rotation"), grace=settings.refresh_grace),
        logins=shared.get(LoginHistory),
        audit=shared.get(AuditTrail),
        client_info=shared.client_info,
        clock=shared.clock,
    )
    yield UserSessionService(
        transaction=shared.transaction,
        sessions=sessions,
        users=shared.get(UserRepository),
        logins=shared.get(LoginHistory),
        audit=shared.get(AuditTrail),
    )
    yield SessionRetention(
        transaction=shared.transaction,
        sessions=sessions,
        retention=settings.retention,
        clock=shared.clock,
    )


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Tell Flask-JWT-Extended how long tokens live."""
    settings: SessionSettings = parts[Settings].of(SessionSettings)
    app.config.update(
        JWT_ACCESS_TOKEN_EXPIRES=settings.access_lifetime,
        JWT_REFRESH_TOKEN_EXPIRES=settings.absolute_lifetime,
    )


FEATURE = Feature(
    name="sessions",
    events=SessionEvent,
    blueprint=blp,
    build=build,
    init=init,
    settings=(SessionSettings,),
    models=(UserSession,),
    personal_data=(
        PersonalData(
            name="sessions",
            tables=("sessions",),
            export=lambda user_id: provided(SessionRepository).of_user(user_id),
            erase=lambda user_id, limit: provided(SessionRepository).delete_of(user_id, limit),
        ),
    ),
    credentials=(
        Credentials("sessions", end=lambda report: provided(SessionRetention).revoke_all(report)),
    ),
    purges=(
        Purge(
            "ended sessions",
            delete=lambda report: provided(SessionRetention).delete_expired(report),
            count=lambda: provided(SessionRetention).count_expired(),
        ),
    ),
)
