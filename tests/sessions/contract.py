"""What sessions declare of their operations."""

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from support.rows import add_session_row
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.sessions.events import SessionEvent
from userapi.testing.contract import Call, Contract, Kind


def add_live_session(session: Session, user_id: int) -> uuid.UUID:
    now = utc_now()
    return add_session_row(session, user_id, created_at=now, expires_at=now + timedelta(hours=1))


CONTRACT = Contract(
    calls={
        "refresh": Call(event=SessionEvent.REFRESHED, bearer="refresh", is_limited=True),
        "logout": Call(event=SessionEvent.REVOKED, bearer="either"),
        "list_sessions": Call(Kind.LIST),
        "revoke_session": Call(status=204, event=SessionEvent.REVOKED, private=True),
        "revoke_other_sessions": Call(event=SessionEvent.OTHERS_REVOKED),
        "list_user_sessions": Call(Kind.LIST, role=Role.ADMIN),
        "revoke_user_session": Call(status=204, event=SessionEvent.REVOKED, role=Role.ADMIN),
        "revoke_user_sessions": Call(event=SessionEvent.OTHERS_REVOKED, role=Role.ADMIN),
    },
    schemas={"Message", "RevokedSessions", "Session", "SessionList", "TokenPair"},
    objects={"session_id": add_live_session},
)
