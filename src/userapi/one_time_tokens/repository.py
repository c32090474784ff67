"""Which one-time tokens; whether one works still is told by the database's clock."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import QueryableAttribute

from userapi.db.repository import Repository, columns_of, record_of
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import OneTimeTokenRecord, Purpose, TokenSubject

_UNSYNCHRONIZED = {"synchronize_session": False}


class OneTimeTokenRepository(Repository):
    """Tokens that may be used once."""

    def add(
        self, purpose: Purpose, subject: TokenSubject, token_hash: str, lifetime: timedelta
    ) -> datetime:
        """Insert a token; return when it expires."""
        now = self._time()
        row = OneTimeToken(
            purpose=purpose,
            token_hash=token_hash,
            user_id=subject.user_id,
            subject_id=subject.subject_id,
            address=subject.address,
            binding=subject.binding,
            created_at=now,
            expires_at=now + lifetime,
        )
        self._add(row)
        return row.expires_at

    def find(self, purposes: Collection[Purpose], token_hash: str) -> OneTimeTokenRecord | None:
        """Return the token with that hash, if it is for one of these purposes and works still."""
        query = select(*columns_of(OneTimeToken, OneTimeTokenRecord))
        return self._one(query.where(*self._works(purposes, token_hash)), OneTimeTokenRecord)

    def consume(self, purposes: Collection[Purpose], token_hash: str) -> OneTimeTokenRecord | None:
        """Delete that token and return it; None when it does not work.

        One statement decides: of many who do it at once one gets the token.
        """
        statement = (
            delete(OneTimeToken)
            .where(*self._works(purposes, token_hash))
            .returning(*columns_of(OneTimeToken, OneTimeTokenRecord))
        )
        row = self._db.execute(statement, execution_options=_UNSYNCHRONIZED).one_or_none()
        return None if row is None else record_of(OneTimeTokenRecord, row)

    def find_live_of_user(self, purpose: Purpose, user_id: int) -> list[OneTimeTokenRecord]:
        """Return the tokens of that user for that purpose that work still."""
        query = select(*columns_of(OneTimeToken, OneTimeTokenRecord)).where(
            OneTimeToken.purpose == purpose,
            OneTimeToken.user_id == user_id,
            OneTimeToken.expires_at > self._now(),
        )
        return [record_of(OneTimeTokenRecord, row) for row in self._read(query)]

    def delete_issued_after(self, token: OneTimeTokenRecord) -> None:
        """Delete the tokens of the same user and purpose that expire later."""
        statement = delete(OneTimeToken).where(
            OneTimeToken.user_id == token.user_id,
            OneTimeToken.purpose == token.purpose,
            OneTimeToken.expires_at > token.expires_at,
        )
        self._db.execute(statement, execution_options=_UNSYNCHRONIZED)

    def delete_of_user(self, user_id: int, purposes: Collection[Purpose] | None = None) -> int:
        """Delete the tokens of that user, for these purposes or for all; return how many."""
        statement = delete(OneTimeToken).where(OneTimeToken.user_id == user_id)
        if purposes is not None:
            statement = statement.where(OneTimeToken.purpose.in_(purposes))
        deleted = self._db.execute(
            statement.returning(OneTimeToken.id), execution_options=_UNSYNCHRONIZED
        )
        return len(deleted.all())

    def delete_of_subject(self, subject_id: uuid.UUID) -> None:
        """Delete the tokens of what waits."""
        statement = delete(OneTimeToken).where(OneTimeToken.subject_id == subject_id)
        self._db.execute(statement, execution_options=_UNSYNCHRONIZED)

    def delete_all_but_longest_lived(
        self, purpose: Purpose, subject: TokenSubject, kept: int
    ) -> None:
        """Delete the tokens of that subject for that purpose but so many, which live longest.

        Those that are bound to something else stay.
        """
        of_subject = (
            OneTimeToken.purpose == purpose,
            _is(OneTimeToken.user_id, subject.user_id),
            _is(OneTimeToken.subject_id, subject.subject_id),
            _is(OneTimeToken.binding, subject.binding),
        )
        older = (
            select(OneTimeToken.id)
            .where(*of_subject)
            .order_by(OneTimeToken.expires_at.desc(), OneTimeToken.id)
            .offset(kept)
        )
        statement = delete(OneTimeToken).where(OneTimeToken.id.in_(older))
        self._db.execute(statement, execution_options=_UNSYNCHRONIZED)

    def count_expired(self) -> int:
        """Return how many tokens have expired."""
        return self._count(select(OneTimeToken.id).where(OneTimeToken.expires_at <= self._now()))

    def delete_expired(self, limit: int) -> int:
        """Delete up to `limit` tokens that have expired; return how many."""
        expired = (
            select(OneTimeToken.id)
            .where(OneTimeToken.expires_at <= self._now())
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        statement = delete(OneTimeToken).where(OneTimeToken.id.in_(expired))
        deleted = self._db.execute(
            statement.returning(OneTimeToken.id), execution_options=_UNSYNCHRONIZED
        )
        return len(deleted.all())

    def delete_any(self, limit: int) -> int:
        """Delete up to `limit` tokens, whatever they are for; return how many."""
        statement = delete(OneTimeToken).where(
            OneTimeToken.id.in_(select(OneTimeToken.id).limit(limit))
        )
        deleted = self._db.execute(
            statement.returning(OneTimeToken.id), execution_options=_UNSYNCHRONIZED
        )
        return len(deleted.all())

    def _works(
        self, purposes: Collection[Purpose], token_hash: str
    ) -> tuple[ColumnElement[bool], ...]:
        return (
            OneTimeToken.token_hash == token_hash,
            OneTimeToken.purpose.in_(purposes),
            OneTimeToken.expires_at > self._now(),
        )


def _is(column: QueryableAttribute[Any], value: object) -> ColumnElement[bool]:
    # Not `IS NOT DISTINCT FROM`: that finds no index.
    return column.is_(None) if value is None else column == value
