"""A request with a key, its answer, and its row."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from support.rows import NOON
from userapi.idempotency.models import IdempotencyKey
from userapi.idempotency.records import Answer, KeyedRequest

REQUEST = KeyedRequest(
    caller="user:7", operation="POST /api/v1/posts", key="the-key", fingerprint="f" * 64
)
ANSWER = Answer(201, {"Location": "/api/v1/posts/12"}, '{"id": 12}')
OWNER = uuid.UUID(int=1)
ANOTHER_OWNER = uuid.UUID(int=2)

HELD = timedelta(seconds=15)
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def new_row(**columns: Any) -> IdempotencyKey:
    """Return a row that holds `REQUEST` from noon on, with some columns changed."""
    held = {
        "caller": REQUEST.caller,
        "operation": REQUEST.operation,
        "key": REQUEST.key,
        "fingerprint": REQUEST.fingerprint,
        "owner": OWNER,
        "held_until": NOON + HELD,
        "expires_at": NOON + DAY,
    }
    return IdempotencyKey(**{**held, **columns})


def add_key_row(session: Session, **columns: Any) -> None:
    """Commit a row that holds `REQUEST` from noon on, with some columns changed."""
    session.add(new_row(**columns))
    session.commit()
    session.expunge_all()


def answered(answer: Answer = ANSWER) -> dict[str, Any]:
    """Return the columns that hold an answer."""
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}


def columns_of_row(session: Session, *names: str) -> tuple[Any, ...] | None:
    """Return those columns of the only row there is; None without one."""
    columns = [getattr(IdempotencyKey, name) for name in names]
    row = session.execute(select(*columns)).one_or_none()
    session.rollback()
    return None if row is None else tuple(row)


def keys_in(session: Session) -> list[str]:
    """Return the keys of all rows, in the order in which they expire."""
    keys = session.scalars(select(IdempotencyKey.key).order_by(IdempotencyKey.expires_at)).all()
    session.rollback()
    return list(keys)


def expiring(key: str, expires_at: datetime) -> IdempotencyKey:
    """Return a row with another key, which expires then."""
    return new_row(key=key, expires_at=expires_at)
