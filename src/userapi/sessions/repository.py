"""Which sessions, and whom they belong to."""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarResult,
    Update,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.dml import ReturningUpdate

from userapi.db.base import UTCDateTime
from userapi.db.id_lists import rows_of_ids
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.rows import AnySelect
from userapi.kit.client_info import ClientInfo
from userapi.kit.pagination import Page, PageRequest
from userapi.sessions.models import UserSession
from userapi.sessions.records import NEWEST_FIRST, KeptSession, SessionHistory, SessionRecord
from userapi.sessions.rotation import Family, Successor
from userapi.sessions.statements import revocation_of_next, select_ended

# No session is loaded as an entity where these statements run.
_UNSYNCHRONIZED = {"synchronize_session": False}


class SessionRepository(PagedRepository):
    """Login sessions; whether one is alive is told by the database's clock."""

    def now(self) -> datetime:
        """Return the time by that clock."""
        return self._time()

    def add(self, session: UserSession) -> None:
        """Insert a new session."""
        self._insert(session)

    def history_of(self, user_id: int) -> SessionHistory:
        """Return what the stored sessions of a user tell."""
        ((has_any, live, now),) = self._read(self._history, user_id=user_id)
        return SessionHistory(bool(has_any), live, now)

    def list_active(self, user_id: int, request: PageRequest) -> Page[SessionRecord]:
        """Return one page of a user's sessions that are alive, newest first."""
        rows = select(*columns_of(UserSession, SessionRecord)).where(
            UserSession.user_id == user_id, *self._alive()
        )
        return self._page(rows, request, sort=NEWEST_FIRST, record=SessionRecord)

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
        rows = self._write(
            self._rotation,
            session_id=session_id,
            presented=presented,
            idle_end=successor.idle_end,
            successor=successor.token_hash,
            issued_at=successor.issued_at,
            rotated_by=successor.rotated_by,
            key_id=successor.key_id,
            address=client_info.address,
            user_agent=client_info.user_agent,
        )
        return next((row.expires_at for row in rows), None)

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
        ended = self._revocation(UserSession.user_id == user_id).where(UserSession.id == session_id)
        return self._changed(ended.returning(UserSession.id)).one_or_none() is not None

    def revoke_all(self, user_id: int) -> None:
        """End every session of that user."""
        self._db.execute(
            self._revocation(UserSession.user_id == user_id), execution_options=_UNSYNCHRONIZED
        )

    def revoke_all_of(self, user_ids: Collection[int]) -> None:
        """End every session of those users."""
        is_theirs = UserSession.user_id.in_(rows_of_ids(user_ids))
        self._db.execute(self._revocation(is_theirs), execution_options=_UNSYNCHRONIZED)

    def revoke_next(self, after: uuid.UUID | None, limit: int) -> list[uuid.UUID]:
        """End up to `limit` sessions of whomever, those whose ids come next; return which."""
        return list(self._changed(revocation_of_next(after, limit, self._now())))

    def revoke_others(self, user_id: int, except_id: uuid.UUID) -> int:
        """End every session of that user but `except_id`; return how many."""
        ended = self._revocation(UserSession.user_id == user_id).where(UserSession.id != except_id)
        return len(self._changed(ended.returning(UserSession.id)).all())

    def revoke_all_but_latest(self, user_id: int, kept: int) -> list[uuid.UUID]:
        """End every session of that user but so many, those used latest; return their ids."""
        return [row.id for row in self._write(self._ending_others, of_user=user_id, kept=kept)]

    def count_expired(self, before: datetime) -> int:
        """Return how many sessions were over before that time."""
        return self._count(select_ended(before))

    def delete_expired(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions that were over before that time; return how many."""
        return self._delete(select_ended(before).limit(limit).with_for_update(skip_locked=True))

    @cached_property
    def _history(self) -> AnySelect:
        return _history(self._now())

    @cached_property
    def _rotation(self) -> ReturningUpdate[Any]:
        return _rotation(*self._alive())

    @cached_property
    def _ending_others(self) -> ReturningUpdate[Any]:
        # Not by the column's name, which an update keeps for what is set.
        is_theirs = UserSession.user_id == bindparam("of_user")
        latest = (
            select(UserSession.id)
            .where(is_theirs, *self._alive())
            .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
            .limit(bindparam("kept", type_=Integer()))
        )
        others = self._revocation(is_theirs).where(UserSession.id.not_in(latest))
        return others.returning(UserSession.id)

    def _delete(self, wanted: AnySelect) -> int:
        statement = delete(UserSession).where(UserSession.id.in_(wanted))
        return len(self._changed(statement.returning(UserSession.id)).all())

    def _changed(self, statement: Executable) -> ScalarResult[Any]:
        return self._db.execute(statement, execution_options=_UNSYNCHRONIZED).scalars()

    def _alive(self) -> tuple[ColumnElement[bool], ...]:
        return is_alive(self._now())

    def _revocation(self, is_theirs: ColumnElement[bool]) -> Update:
        return update(UserSession).where(is_theirs, *self._alive()).values(revoked_at=self._now())


def is_alive(now: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    """Return what tells sessions that are neither revoked nor expired."""
    return UserSession.revoked_at.is_(None), UserSession.expires_at > now


def _rotation(*alive: ColumnElement[bool]) -> ReturningUpdate[Any]:
    """Return the statement that replaces the refresh token of a session that is alive."""
    limit, idle_end = UserSession.absolute_expires_at, bindparam("idle_end", type_=UTCDateTime())
    return (
        update(UserSession)
        .where(
            UserSession.id == bindparam("session_id"),
            UserSession.current_hash == bindparam("presented"),
            *alive,
        )
        .values(
            parent_hash=UserSession.current_hash,
            current_hash=bindparam("successor"),
            rotated_at=bindparam("issued_at"),
            rotated_by=bindparam("rotated_by"),
            expires_at=case((limit < idle_end, limit), else_=idle_end),
            key_id=bindparam("key_id"),
            last_used_at=bindparam("issued_at"),
            address=bindparam("address"),
            user_agent=bindparam("user_agent"),
        )
        .returning(UserSession.expires_at)
    )


def _history(now: ColumnElement[datetime]) -> AnySelect:
    """Return whether a user has a session (two questions, two indexes), and how many live."""
    of_user = select(UserSession.id).where(UserSession.user_id == bindparam("user_id"))
    kept = of_user.where(UserSession.revoked_at.is_(None))
    revoked = of_user.where(UserSession.revoked_at.is_not(None))
    live = of_user.where(*is_alive(now)).with_only_columns(func.count()).scalar_subquery()
    query: AnySelect = select(or_(kept.exists(), revoked.exists()), live.label("live"), now)
    return query
