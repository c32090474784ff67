"""The repository alone, and callers who have a connection each."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from idempotency.callers import Callers
from support.applications import engine_of
from userapi.db.session import ScopedSession
from userapi.idempotency.repository import IdempotencyKeyRepository


@pytest.fixture
def keys(scoped_session: ScopedSession) -> IdempotencyKeyRepository:
    """The repository, on the application's own session."""
    return IdempotencyKeyRepository(db=scoped_session)


@pytest.fixture
def callers(own_app: Flask) -> Callers:
    """Callers of an application that really commits."""
    return Callers(own_app)


@pytest.fixture
def committed(own_app: Flask) -> Iterator[Session]:
    """A session that sees only what is committed."""
    with Session(engine_of(own_app)) as session:
        yield session
