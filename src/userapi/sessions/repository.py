"""Which sessions, and whom they belong to."""

import uuid
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from userapi.db.repository import Repository
from userapi.kit.principal import Principal
from userapi.sessions.models import Session
from userapi.users.models import User
from userapi.users.repository import USER_COLUMNS, user_record

_MOST_FORGOTTEN = 1000


class SessionRepository(Repository):
    """Login sessions."""

    def add(self, session: Session) -> None:
        """Insert a new session."""
        self._add(session)

    def find_principal(
        self, session_id: uuid.UUID, user_id: int, now: datetime
    ) -> Principal | None:
        """Return the caller behind a session that is alive at `now`, else None.

        Alive: neither revoked nor expired, and its user neither deleted nor deactivated.
        """
        query = (
            select(*USER_COLUMNS)
            .join(Session, Session.user_id == User.id)
            .where(
                Session.id == session_id,
                User.id == user_id,
                Session.revoked_at.is_(None),
                Session.expires_at > now,
                User.is_active,
                User.deleted_at.is_(None),
            )
        )
        row = self._session.execute(query).one_or_none()
        if row is None:
            return None
        return Principal(user=user_record(row), session_id=session_id)

    def revoke(self, session_id: uuid.UUID, now: datetime) -> None:
        """End one session."""
        self._session.execute(
            update(Session)
            .where(Session.id == session_id, Session.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    def revoke_all(self, user_id: int, now: datetime) -> None:
        """End every session of that user."""
        self._session.execute(
            update(Session)
            .where(Session.user_id == user_id, Session.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    def forget_ended(self, before: datetime) -> int:
        """Delete some of the sessions that were over before that time; return how many."""
        ended = (
            select(Session.id)
            .where(or_(Session.expires_at < before, Session.revoked_at < before))
            .limit(_MOST_FORGOTTEN)
            .with_for_update(skip_locked=True)
        )
        forgotten = self._session.execute(
            delete(Session).where(Session.id.in_(ended)).returning(Session.id)
        )
        return len(forgotten.all())
