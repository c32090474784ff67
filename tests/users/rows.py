"""Rows of the `users` table, arranged and looked at directly."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from userapi.users.models import User

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def at_minute(minute: int) -> datetime:
    """Return a time so many minutes after noon."""
    return NOON + timedelta(minutes=minute)


def add_user_row(session: Session, email: str, **columns: Any) -> int:
    """Commit a user who cannot log in, with those columns; return its id."""
    user = User(
        email=email,
        **{"password_hash": "none", "first_name": "Alan", "last_name": "Turing", **columns},
    )
    session.add(user)
    session.flush()
    user_id = user.id
    session.commit()
    return user_id


def set_columns(session: Session, user_id: int, **columns: Any) -> None:
    """Change a user's row behind the application's back."""
    session.execute(update(User).where(User.id == user_id).values(**columns))
    session.commit()


def column_of(session: Session, user_id: int, name: str) -> Any:
    """Return what one column of a user's row holds now."""
    return session.scalar(select(getattr(User, name)).where(User.id == user_id))
