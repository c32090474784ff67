"""Rows of the tables, arranged and looked at directly."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from userapi.kit.principal import Role
from userapi.sessions.models import UserSession
from userapi.throttling.models import TrustedDevice
from userapi.users.models import User

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
UNKNOWN_ID = 2**63 - 1
"""The largest id that there can be; no row has it."""


def at_minute(minute: int) -> datetime:
    """Return a time so many minutes after noon."""
    return NOON + timedelta(minutes=minute)


def add_row(session: Session, row: Any) -> Any:
    """Commit a new row; return its id."""
    session.add(row)
    session.flush()
    row_id = row.id
    session.commit()
    return row_id


def add_user_row(session: Session, email: str, **columns: Any) -> int:
    """Commit a user who cannot log in, with those columns; return its id."""
    names = {"first_name": "Alan", "last_name": "Turing"}
    user = User(email=email, **{"password_hash": "none", **names, **columns})
    return int(add_row(session, user))


def add_session_row(session: Session, user_id: int, **columns: Any) -> uuid.UUID:
    """Commit a session of ten hours from noon on, with those columns; return its id."""
    created_at = columns.get("created_at", NOON)
    times = {"created_at": created_at, "rotated_at": created_at, "last_used_at": created_at}
    end = columns.get("expires_at", at_minute(600))
    ends = {"expires_at": end, "absolute_expires_at": end}
    row = UserSession(user_id=user_id, **{"current_hash": "none", **times, **ends, **columns})
    session_id: uuid.UUID = add_row(session, row)
    return session_id


def add_device_row(session: Session, user_id: int, **columns: Any) -> uuid.UUID:
    """Commit a device that is known for an hour from noon on, with those columns; return its id."""
    times = {"created_at": NOON, "last_used_at": NOON, "expires_at": at_minute(60)}
    row = TrustedDevice(user_id=user_id, **{"token_hash": "hash", **times, **columns})
    device_id: uuid.UUID = add_row(session, row)
    return device_id


def set_columns(session: Session, user_id: int, **columns: Any) -> None:
    """Change a user's row behind the application's back."""
    session.execute(update(User).where(User.id == user_id).values(**columns))
    session.commit()


def set_session_columns(session: Session, user_id: int, **columns: Any) -> None:
    """Change a user's sessions behind the application's back."""
    session.execute(update(UserSession).where(UserSession.user_id == user_id).values(**columns))
    session.commit()


def column_of(session: Session, user_id: int, name: str) -> Any:
    """Return what one column of a user's row holds now."""
    return session.scalar(select(getattr(User, name)).where(User.id == user_id))


def active_admins(session: Session) -> int:
    """Count those who may administer now; holds no lock afterwards."""
    admins = (User.role == Role.ADMIN, User.is_active, User.deleted_at.is_(None))
    found = session.scalar(select(func.count()).where(*admins)) or 0
    session.rollback()
    return found


def revocation_of(session: Session, session_id: uuid.UUID) -> datetime | None:
    """Return when a session was revoked."""
    revoked_at: datetime | None = session.execute(
        select(UserSession.revoked_at).where(UserSession.id == session_id)
    ).scalar_one()
    return revoked_at


def session_column_of(session: Session, session_id: uuid.UUID, name: str) -> Any:
    """Return what one column of a session's row holds now."""
    return session.execute(
        select(getattr(UserSession, name)).where(UserSession.id == session_id)
    ).scalar_one()
