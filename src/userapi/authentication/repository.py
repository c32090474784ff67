"""Who is behind a credential."""

from dataclasses import replace
from functools import cached_property

from sqlalchemy import ColumnElement, bindparam, select

from userapi.db.repository import Repository, columns_of, record_of
from userapi.db.rows import AnySelect
from userapi.kit.principal import Principal, Role, SessionCredential
from userapi.kit.transaction import Writes
from userapi.sessions.models import UserSession
from userapi.sessions.repository import is_alive
from userapi.tokens.claims import VerifiedToken
from userapi.users.models import User
from userapi.users.records import KnownCaller, UserRecord
from userapi.users.repository import lock_users


class CallerRepository(Repository):
    """Those whose session is alive by the database's clock, and who may use it."""

    @cached_property
    def _caller(self) -> AnySelect:
        query: AnySelect = (
            select(*columns_of(User, UserRecord), UserSession.last_used_at)
            .join(UserSession, UserSession.user_id == User.id)
            .where(*self._is_named(), User.is_active, User.deleted_at.is_(None))
        )
        return query

    @cached_property
    def _session_for_sharing(self) -> AnySelect:
        return select(UserSession.id).where(*self._is_named()).with_for_update(read=True)

    @cached_property
    def _session_for_update(self) -> AnySelect:
        return select(UserSession.id).where(*self._is_named()).with_for_update(key_share=True)

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
        rows = lock_users(
            self._read,
            {principal.user_id, *writes.users},
            with_admins=writes.admins,
            is_shared=not (writes.users or writes.admins),
        )
        caller = next((row for row in rows if row.id == principal.user_id), None)
        if caller is None or not caller.is_active or caller.deleted_at is not None:
            return None
        session = self._session_for_update if writes.session else self._session_for_sharing
        session_id = principal.credential.session_id
        if self._row(session, session_id=session_id, user_id=principal.user_id) is None:
            return None
        return replace(principal, role=Role(caller.role))

    def _is_named(self) -> tuple[ColumnElement[bool], ...]:
        return (
            UserSession.id == bindparam("session_id"),
            UserSession.user_id == bindparam("user_id"),
            *is_alive(self._now()),
        )
