"""The statements of what is done to the sessions of everybody."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from userapi.db.rows import AnySelect
from userapi.sessions.models import UserSession


def revocation_of_next(
    after: uuid.UUID | None, limit: int, now: ColumnElement[datetime]
) -> ReturningUpdate[Any]:
    """Return what ends so many sessions, those whose ids come after that one.

    Expired ones too: by a clock that was set back they would be alive.
    """
    following = select(UserSession.id).where(UserSession.revoked_at.is_(None))
    if after is not None:
        following = following.where(UserSession.id > after)
    return (
        update(UserSession)
        .where(UserSession.id.in_(following.order_by(UserSession.id).limit(limit)))
        .values(revoked_at=now)
        .returning(UserSession.id)
    )


def select_ended(before: datetime) -> AnySelect:
    """Return what finds the sessions that were over before that time."""
    is_over = or_(UserSession.expires_at < before, UserSession.revoked_at < before)
    return cast("AnySelect", select(UserSession.id).where(is_over))
