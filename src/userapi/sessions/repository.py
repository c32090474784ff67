"""Which sessions, and whom they belong to."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarResult,
    Update,
    case,
    delete,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from userapi.db.repository import Repository
from userapi.db.types import UTCDateTime
from userapi.kit.origin import Origin
from userapi.kit.principal import Principal
from userapi.kit.tokens import ReadToken
from userapi.kit.transaction import Writes
from userapi.sessions.devices import SessionRecord
from userapi.sessions.models import Session
from userapi.sessions.rotation import Family, Successor
from userapi.users.models import User
from userapi.users.repository import USER_COLUMNS, locked_users, user_record

_MOST_FORGOTTEN = 1000
# No session is loaded as an entity where these statements run.
_UNSYNCHRONIZED = {"synchronize_session": False}
LIST_LENGTH = 100
"""How many of a user's sessions a list has at most."""


class SessionRepository(Repository):
    """Login sessions."""

    def add(self, session: Session) -> None:
        """Insert a new session."""
        self._add(session)

    def find_principal(self, token: ReadToken, now: datetime) -> Principal | None:
        """Return the caller behind a token whose session is alive at `now`, else None.

        Alive: neither revoked nor expired, and its user neither deleted nor deactivated.
        """
        query = (
            select(*USER_COLUMNS, Session.last_used_at)
            .join(Session, Session.user_id == User.id)
            .where(
                Session.id == token.subject.session_id,
                User.id == token.subject.user_id,
                *_alive(now),
                User.is_active,
                User.deleted_at.is_(None),
            )
        )
        row = self._session.execute(query).one_or_none()
        if row is None:
            return None
        *user, used_at = row
        return Principal(
            user=user_record(user),
            session_id=token.subject.session_id,
            session_used_at=used_at,
            token_id=token.token_id,
        )

    def lock_principal(
        self, principal: Principal, writes: Writes, now: datetime
    ) -> Principal | None:
        """Return the caller as it is now, locked; None unless its session is alive at `now`.

        Implements `kit.transaction.PrincipalLock`.
        """
        query = locked_users(
            {principal.user_id, *writes.users},
            with_admins=writes.admins,
            is_shared=not (writes.users or writes.admins),
        )
        rows = self._session.execute(query).all()
        caller = next((row for row in rows if row.id == principal.user_id), None)
        if caller is None or not caller.is_active or caller.deleted_at is not None:
            return None
        alive = select(Session.id).where(
            Session.id == principal.session_id, Session.user_id == principal.user_id, *_alive(now)
        )
        locked = alive.with_for_update(read=not writes.session, key_share=writes.session)
        if self._session.execute(locked).one_or_none() is None:
            return None
        return replace(principal, user=user_record(caller[:-1]))

    def live_of(self, user_id: int, now: datetime) -> list[SessionRecord]:
        """Return a user's sessions that are alive at `now`, newest first, not too many."""
        columns = (
            Session.id,
            Session.created_at,
            Session.last_used_at,
            Session.expires_at,
            Session.address,
            Session.user_agent,
        )
        query = (
            select(*columns)
            .where(Session.user_id == user_id, *_alive(now))
            .order_by(Session.created_at.desc(), Session.id.desc())
            .limit(LIST_LENGTH)
        )
        return [SessionRecord(*row) for row in self._session.execute(query)]

    def rotate(
        self, session_id: uuid.UUID, presented: str, successor: Successor, origin: Origin
    ) -> datetime | None:
        """Replace the refresh token whose id has the hash `presented` by its successor.

        Returns when the successor expires; None when the token is not the newest one of a session
        that is alive. One statement decides, so of many who present the token one gets through.
        """
        limit = Session.absolute_expires_at
        idle_end = literal(successor.idle_end, UTCDateTime())
        statement = (
            update(Session)
            .where(
                Session.id == session_id,
                Session.current_hash == presented,
                *_alive(successor.issued_at),
            )
            .values(
                parent_hash=Session.current_hash,
                current_hash=successor.token_hash,
                rotated_at=successor.issued_at,
                expires_at=case((limit < idle_end, limit), else_=idle_end),
                key_id=successor.key_id,
                last_used_at=successor.issued_at,
                address=origin.address,
                user_agent=origin.user_agent,
            )
        )
        return self._changed(statement.returning(Session.expires_at)).one_or_none()

    def lock_family(self, session_id: uuid.UUID) -> Family | None:
        """Return what a session knows of its refresh tokens, locked until the transaction ends."""
        columns = (
            Session.current_hash,
            Session.parent_hash,
            Session.rotated_at,
            Session.expires_at,
            Session.revoked_at,
            Session.key_id,
        )
        query = select(*columns).where(Session.id == session_id).with_for_update()
        row = self._session.execute(query).one_or_none()
        return None if row is None else Family(*row)

    def note_use(
        self, session_id: uuid.UUID, now: datetime, *, last_before: datetime, origin: Origin
    ) -> None:
        """Note a use of a live session, unless one was noted after `last_before`.

        It waits for nobody: who has locked the session is refreshing or ending it.
        """
        free = (
            select(Session.id)
            .where(Session.id == session_id, Session.last_used_at <= last_before, *_alive(now))
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(Session)
            .where(Session.id.in_(free))
            .values(last_used_at=now, address=origin.address, user_agent=origin.user_agent)
        )
        self._session.execute(statement, execution_options=_UNSYNCHRONIZED)

    def revoke(self, session_id: uuid.UUID, user_id: int, now: datetime) -> bool:
        """End one session of that user; say whether it was alive."""
        ended = _revocation(user_id, now).where(Session.id == session_id)
        return self._changed(ended.returning(Session.id)).one_or_none() is not None

    def revoke_all(self, user_id: int, now: datetime) -> None:
        """End every session of that user."""
        self._session.execute(_revocation(user_id, now))

    def revoke_others(self, user_id: int, spared: uuid.UUID, now: datetime) -> int:
        """End every session of that user but the one that is spared; return how many."""
        ended = _revocation(user_id, now).where(Session.id != spared)
        return len(self._changed(ended.returning(Session.id)).all())

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

    def _changed(self, statement: ReturningUpdate[Any]) -> ScalarResult[Any]:
        return self._session.execute(statement, execution_options=_UNSYNCHRONIZED).scalars()


def _alive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Session.revoked_at.is_(None), Session.expires_at > now


def _revocation(user_id: int, now: datetime) -> Update:
    return update(Session).where(Session.user_id == user_id, *_alive(now)).values(revoked_at=now)
