"""Which sessions, and whom they belong to."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarResult,
    Update,
    bindparam,
    case,
    delete,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.sql.base import Executable

from userapi.db.base import UTCDateTime
from userapi.db.clock import DatabaseClock, DatabaseNow
from userapi.db.reading import AnySelect
from userapi.db.repository import Repository, columns_of, record_of
from userapi.db.session import ScopedSession
from userapi.kit.client_info import ClientInfo
from userapi.kit.principal import Principal, Role, SessionCredential
from userapi.kit.transaction import Writes
from userapi.sessions.models import UserSession
from userapi.sessions.records import LIST_LENGTH, KeptSession, SessionRecord
from userapi.sessions.rotation import Family, Successor
from userapi.tokens.claims import VerifiedToken
from userapi.users.models import User
from userapi.users.records import KnownCaller, UserRecord
from userapi.users.repository import select_users_for_update

# No session is loaded as an entity where these statements run.
_UNSYNCHRONIZED = {"synchronize_session": False}


class SessionRepository(Repository):
    """Login sessions; whether one is alive is told by the database's clock."""

    def __init__(self, *, db: ScopedSession, clock: DatabaseClock = DatabaseNow) -> None:
        super().__init__(db=db, clock=clock)
        self._caller = (
            select(*columns_of(User, UserRecord), UserSession.last_used_at)
            .join(UserSession, UserSession.user_id == User.id)
            .where(
                UserSession.id == bindparam("session_id"),
                User.id == bindparam("user_id"),
                *self._alive(),
                User.is_active,
                User.deleted_at.is_(None),
            )
        )

    def now(self) -> datetime:
        """Return the time by that clock."""
        now: datetime = self._value(select(self._now()))
        return now

    def add(self, session: UserSession) -> None:
        """Insert a new session."""
        self._add(session)

    def find_caller(self, token: VerifiedToken) -> KnownCaller | None:
        """Return the caller behind a token whose session is alive, else None.

        Alive: neither revoked nor expired, and its user neither deleted nor deactivated. One
        statement asks for all of it, on the way of every request.
        """
        subject = token.subject
        row = self._row(self._caller, session_id=subject.session_id, user_id=subject.user_id)
        if row is None:
            return None
        user = record_of(UserRecord, row)
        credential = SessionCredential(subject.session_id, token.token_id, row.last_used_at)
        return KnownCaller(user.id, Role(user.role), credential, user)

    def lock_principal(self, principal: Principal, writes: Writes) -> Principal | None:
        """Return the caller as it is now, locked; None unless its session is alive.

        Implements `kit.transaction.PrincipalLock`.
        """
        query = select_users_for_update(
            {principal.user_id, *writes.users},
            with_admins=writes.admins,
            is_shared=not (writes.users or writes.admins),
        )
        rows = self._db.execute(query).all()
        caller = next((row for row in rows if row.id == principal.user_id), None)
        if caller is None or not caller.is_active or caller.deleted_at is not None:
            return None
        alive = select(UserSession.id).where(
            UserSession.id == principal.credential.session_id,
            UserSession.user_id == principal.user_id,
            *self._alive(),
        )
        locked = alive.with_for_update(read=not writes.session, key_share=writes.session)
        if self._db.execute(locked).one_or_none() is None:
            return None
        return replace(principal, role=Role(caller.role))

    def any_of(self, user_id: int) -> bool:
        """Say whether a user has a session, alive or ended, that is stored."""
        # Two questions, for which there are two indexes.
        of_user = select(UserSession.id).where(UserSession.user_id == user_id)
        live = of_user.where(UserSession.revoked_at.is_(None))
        revoked = of_user.where(UserSession.revoked_at.is_not(None))
        return bool(self._value(select(or_(live.exists(), revoked.exists()))))

    def list_active(self, user_id: int) -> list[SessionRecord]:
        """Return a user's sessions that are alive, newest first, not too many."""
        query = (
            select(*columns_of(UserSession, SessionRecord))
            .where(UserSession.user_id == user_id, *self._alive())
            .order_by(UserSession.created_at.desc(), UserSession.id.desc())
            .limit(LIST_LENGTH)
        )
        return [record_of(SessionRecord, row) for row in self._read(query)]

    def of_user(self, user_id: int) -> Iterator[KeptSession]:
        """Yield a user's sessions, alive or over, the newest first, within a transaction."""
        query = select(*columns_of(UserSession, KeptSession)).where(UserSession.user_id == user_id)
        return self._each(query.order_by(UserSession.created_at.desc()), KeptSession)

    def delete_of(self, user_id: int, limit: int) -> int:
        """Delete up to `limit` sessions of that user; return how many."""
        return self._delete(
            select(UserSession.id).where(UserSession.user_id == user_id).limit(limit)
        )

    def rotate(
        self, session_id: uuid.UUID, presented: str, successor: Successor, client_info: ClientInfo
    ) -> datetime | None:
        """Replace the refresh token whose id has the hash `presented` by its successor.

        Returns when the successor expires; None when the token is not the newest one of a session
        that is alive. One statement decides, so of many who present the token one gets through.
        """
        limit = UserSession.absolute_expires_at
        idle_end = literal(successor.idle_end, UTCDateTime())
        statement = (
            update(UserSession)
            .where(
                UserSession.id == session_id,
                UserSession.current_hash == presented,
                *self._alive(),
            )
            .values(
                parent_hash=UserSession.current_hash,
                current_hash=successor.token_hash,
                rotated_at=successor.issued_at,
                rotated_by=successor.rotated_by,
                expires_at=case((limit < idle_end, limit), else_=idle_end),
                key_id=successor.key_id,
                last_used_at=successor.issued_at,
                address=client_info.address,
                user_agent=client_info.user_agent,
            )
        )
        return self._changed(statement.returning(UserSession.expires_at)).one_or_none()

    def get_family_for_update(self, session_id: uuid.UUID) -> Family | None:
        """Return what a session knows of its refresh tokens, locked until the transaction ends."""
        query = select(*columns_of(UserSession, Family)).where(UserSession.id == session_id)
        return self._one(query.with_for_update(), Family)

    def touch(
        self,
        session_id: uuid.UUID,
        now: datetime,
        *,
        last_before: datetime,
        client_info: ClientInfo,
    ) -> None:
        """Record a use of a live session, unless one was recorded after `last_before`.

        It waits for nobody: who has locked the session is refreshing or ending it.
        """
        free = (
            select(UserSession.id)
            .where(
                UserSession.id == session_id,
                UserSession.last_used_at <= last_before,
                *self._alive(),
            )
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(UserSession)
            .where(UserSession.id.in_(free))
            .values(
                last_used_at=now, address=client_info.address, user_agent=client_info.user_agent
            )
        )
        self._db.execute(statement, execution_options=_UNSYNCHRONIZED)

    def find_device(self, session_id: uuid.UUID) -> uuid.UUID | None:
        """Return the device that a session's login came from, if it is known."""
        device_id: uuid.UUID | None = self._value(
            select(UserSession.device_id).where(UserSession.id == session_id)
        )
        return device_id

    def revoke(self, session_id: uuid.UUID, user_id: int) -> bool:
        """End one session of that user; say whether it was alive."""
        ended = self._revocation(user_id).where(UserSession.id == session_id)
        return self._changed(ended.returning(UserSession.id)).one_or_none() is not None

    def revoke_all(self, user_id: int) -> None:
        """End every session of that user."""
        self._db.execute(self._revocation(user_id), execution_options=_UNSYNCHRONIZED)

    def revoke_others(self, user_id: int, except_id: uuid.UUID) -> int:
        """End every session of that user but `except_id`; return how many."""
        ended = self._revocation(user_id).where(UserSession.id != except_id)
        return len(self._changed(ended.returning(UserSession.id)).all())

    def revoke_all_but_latest(self, user_id: int, kept: int) -> list[uuid.UUID]:
        """End every session of that user but so many, those used latest; return their ids."""
        latest = (
            select(UserSession.id)
            .where(UserSession.user_id == user_id, *self._alive())
            .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
            .limit(kept)
        )
        ended = self._revocation(user_id).where(UserSession.id.not_in(latest))
        return list(self._changed(ended.returning(UserSession.id)))

    def count_expired(self, before: datetime) -> int:
        """Return how many sessions were over before that time."""
        return self._count(_select_ended(before))

    def delete_expired(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions that were over before that time; return how many."""
        return self._delete(_select_ended(before).limit(limit).with_for_update(skip_locked=True))

    def _delete(self, wanted: AnySelect) -> int:
        statement = delete(UserSession).where(UserSession.id.in_(wanted))
        return len(self._changed(statement.returning(UserSession.id)).all())

    def _changed(self, statement: Executable) -> ScalarResult[Any]:
        return self._db.execute(statement, execution_options=_UNSYNCHRONIZED).scalars()

    def _alive(self) -> tuple[ColumnElement[bool], ...]:
        return UserSession.revoked_at.is_(None), UserSession.expires_at > self._now()

    def _revocation(self, user_id: int) -> Update:
        return (
            update(UserSession)
            .where(UserSession.user_id == user_id, *self._alive())
            .values(revoked_at=self._now())
        )


def _select_ended(before: datetime) -> AnySelect:
    is_over = or_(UserSession.expires_at < before, UserSession.revoked_at < before)
    return cast("AnySelect", select(UserSession.id).where(is_over))
