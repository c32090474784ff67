"""Requests with an idempotency key, and what is stored of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.samples import DRAFT, POSTS
from support.accounts import REGISTRATION, Headers
from support.paths import USERS
from userapi.idempotency.models import IdempotencyKey
from userapi.posts.models import Post

KEY = "0b4e8a3c-5d1f-4c0a-9a53-6b1f6c3f1a2e"
REPLAYED = "Idempotency-Replayed"
AN_HOUR = timedelta(hours=1)


def with_key(key: str = KEY, **headers: str) -> Headers:
    """Return the headers of a request with that key."""
    return {"Idempotency-Key": key, **headers}


def publish(client: FlaskClient, headers: Headers, key: str = KEY, **changes: Any) -> TestResponse:
    """Publish a post under a key, with some fields changed."""
    return client.post(POSTS, json=DRAFT | changes, headers=headers | with_key(key))


def register(client: FlaskClient, key: str = KEY, **changes: Any) -> TestResponse:
    """Register under a key, with some fields changed."""
    return client.post(USERS, json=REGISTRATION | changes, headers=with_key(key))


def posts_in(session: Session) -> int:
    """Return how many posts there are."""
    return session.scalar(select(func.count()).select_from(Post)) or 0


def keys_in(session: Session) -> int:
    """Return how many keys there are."""
    return session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0


def rows_in(session: Session) -> list[dict[str, Any]]:
    """Return the rows of all keys, whole."""
    rows = session.execute(select(*IdempotencyKey.__table__.columns))
    return [dict(row) for row in rows.mappings()]


def set_key_columns(session: Session, **columns: Any) -> None:
    """Change the rows of all keys behind the application's back."""
    session.execute(update(IdempotencyKey).values(**columns))
    session.commit()


def hold(session: Session, *, until: datetime) -> None:
    """Let it seem as if the first request were running still."""
    set_key_columns(session, status=None, headers=None, body=None, held_until=until)


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - AN_HOUR


def in_an_hour() -> datetime:
    return datetime.now(UTC) + AN_HOUR
