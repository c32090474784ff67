"""Rows of the `sessions` table, arranged and looked at directly."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from userapi.sessions.models import Session as LoginSession
from users.rows import NOON, at_minute


def add_session_row(session: Session, user_id: int, **columns: Any) -> uuid.UUID:
    """Commit a session of ten hours from noon on, with those columns; return its id."""
    row = LoginSession(
        user_id=user_id,
        **{"created_at": NOON, "expires_at": at_minute(600), **columns},
    )
    session.add(row)
    session.flush()
    session_id = row.id
    session.commit()
    return session_id


def revocation_of(session: Session, session_id: uuid.UUID) -> datetime | None:
    """Return when a session was revoked."""
    revoked_at: datetime | None = session.execute(
        select(LoginSession.revoked_at).where(LoginSession.id == session_id)
    ).scalar_one()
    return revoked_at


def set_session_columns(session: Session, user_id: int, **columns: Any) -> None:
    """Change a user's sessions behind the application's back."""
    session.execute(update(LoginSession).where(LoginSession.user_id == user_id).values(**columns))
    session.commit()
