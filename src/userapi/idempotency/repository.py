"""Which requests, and their stored answers."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from userapi.db.repository import Repository
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.records import Answer, KeyedRequest

_PRIMARY_KEY = (IdempotencyKey.caller, IdempotencyKey.operation, IdempotencyKey.key)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who wants to perform a request: until when nobody else may, and when it expires."""

    owner: uuid.UUID
    held_until: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """A request that came before; without an answer it is still running.

    `mismatches` is how often its key came with another body.
    """

    fingerprint: str
    answer: Answer | None
    mismatches: int = 0


class IdempotencyKeyRepository(Repository):
    """Requests with an idempotency key."""

    def claim(self, request: KeyedRequest, claim: Claim, now: datetime) -> bool:
        """Take the request; False when it was answered, or somebody else holds it.

        Either way its row is locked until the transaction ends: of many who come with one key, each
        sees what the one before has left.
        """
        held: dict[str, Any] = {
            "fingerprint": request.fingerprint,
            "owner": claim.owner,
            "held_until": claim.held_until,
            "expires_at": claim.expires_at,
            "mismatches": 0,
        }
        free = or_(
            IdempotencyKey.expires_at <= now,
            and_(IdempotencyKey.status.is_(None), IdempotencyKey.held_until <= now),
        )
        row = {"caller": request.caller, "operation": request.operation, "key": request.key}
        unanswered = {"status": None, "headers": None, "body": None, "resource": None}
        dialect = sqlite if self._db.get_bind().dialect.name == "sqlite" else postgresql
        taken = self._db.execute(
            dialect.insert(IdempotencyKey)
            .values(**row, **held)
            .on_conflict_do_update(
                index_elements=_PRIMARY_KEY, set_={**held, **unanswered}, where=free
            )
            .returning(IdempotencyKey.owner)
        )
        return taken.one_or_none() is not None

    def find(self, request: KeyedRequest) -> KnownRequest | None:
        """Return what is known of that caller's request with that key."""
        query = select(
            IdempotencyKey.fingerprint,
            IdempotencyKey.mismatches,
            IdempotencyKey.status,
            IdempotencyKey.headers,
            IdempotencyKey.body,
        ).where(_is(request))
        row = self._row(query)
        if row is None:
            return None
        answer = None
        if row.status is not None:
            answer = Answer(row.status, row.headers or {}, row.body or "")
        return KnownRequest(row.fingerprint, answer, row.mismatches)

    def count_mismatch(self, request: KeyedRequest) -> int:
        """Count that the key came with another body; return how often it has by now."""
        counted = self._db.execute(
            update(IdempotencyKey)
            .where(_is(request))
            .values(mismatches=IdempotencyKey.mismatches + 1)
            .returning(IdempotencyKey.mismatches)
        )
        return counted.scalar_one()

    def store(self, request: KeyedRequest, owner: uuid.UUID, answer: Answer) -> bool:
        """Store the answer; False when the request is not held by `owner` any more."""
        stored = self._db.execute(
            update(IdempotencyKey)
            .where(_is(request), IdempotencyKey.owner == owner)
            .values(**_columns_of(answer), resource=answer.resource)
            .returning(IdempotencyKey.owner)
        )
        return stored.one_or_none() is not None

    def release(self, request: KeyedRequest, owner: uuid.UUID) -> None:
        """Delete a request that `owner` holds, unless it has been answered.

        It may have been: a commit whose confirmation was lost is one.
        """
        self._db.execute(
            delete(IdempotencyKey).where(
                _is(request), IdempotencyKey.owner == owner, IdempotencyKey.status.is_(None)
            )
        )

    def delete_of_caller(self, caller: str) -> int:
        """Delete all requests of that caller; return how many."""
        deleted = self._db.execute(
            delete(IdempotencyKey)
            .where(IdempotencyKey.caller == caller)
            .returning(IdempotencyKey.owner)
        )
        return len(deleted.all())

    def replace_answers(self, resource: str, answer: Answer) -> None:
        """Store `answer` in the place of every answer that tells of that resource."""
        self._db.execute(
            update(IdempotencyKey)
            .where(IdempotencyKey.resource == resource)
            .values(**_columns_of(answer))
        )

    def count_expired(self, now: datetime) -> int:
        """Return how many requests have expired."""
        return self._count(select(IdempotencyKey.owner).where(IdempotencyKey.expires_at <= now))

    def delete_expired(self, now: datetime, limit: int) -> int:
        """Delete up to `limit` requests that have expired, the oldest first; return how many.

        None of them is one that another caller is at.
        """
        expired = (
            select(*_PRIMARY_KEY)
            .where(IdempotencyKey.expires_at <= now)
            .order_by(IdempotencyKey.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = self._db.execute(
            delete(IdempotencyKey)
            .where(tuple_(*_PRIMARY_KEY).in_(expired))
            .returning(IdempotencyKey.owner)
        )
        return len(deleted.all())


def _columns_of(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}


def _is(request: KeyedRequest) -> ColumnElement[bool]:
    return and_(
        IdempotencyKey.caller == request.caller,
        IdempotencyKey.operation == request.operation,
        IdempotencyKey.key == request.key,
    )
