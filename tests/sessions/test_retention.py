"""How long sessions are kept that have ended."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from support.rows import NOON, add_session_row, add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.sessions.models import UserSession
from userapi.sessions.repository import SessionRepository
from userapi.sessions.services.retention import SessionRetention

BEFORE = at_minute(30)


@pytest.fixture
def retention(scoped_session: ScopedSession, transaction: UnitOfWork) -> SessionRetention:
    """What deletes the sessions that ended before `BEFORE`."""
    return SessionRetention(
        transaction=transaction,
        sessions=SessionRepository(db=scoped_session),
        retention=timedelta(days=30),
        clock=lambda: BEFORE + timedelta(days=30),
    )


@pytest.fixture
def alan(db_session: Session) -> int:
    """A user's id."""
    return add_user_row(db_session, "alan@example.com")


def sessions(session: Session) -> list[uuid.UUID]:
    return list(session.scalars(select(UserSession.id)))


@pytest.mark.parametrize(
    "columns",
    [
        {"expires_at": at_minute(29)},
        {"revoked_at": at_minute(29)},
        {"expires_at": at_minute(29), "revoked_at": at_minute(28)},
    ],
)
def test_a_session_that_was_over_before_is_deleted(
    db_session: Session, retention: SessionRetention, alan: int, columns: dict[str, Any]
) -> None:
    add_session_row(db_session, alan, **columns)

    assert retention.delete_expired() == 1
    assert sessions(db_session) == []


@pytest.mark.parametrize(
    "columns", [{}, {"expires_at": BEFORE}, {"revoked_at": BEFORE}, {"revoked_at": at_minute(31)}]
)
def test_a_session_that_is_alive_or_ended_later_is_kept(
    db_session: Session, retention: SessionRetention, alan: int, columns: dict[str, Any]
) -> None:
    session_id = add_session_row(db_session, alan, **columns)

    assert retention.delete_expired() == 0
    assert sessions(db_session) == [session_id]


def test_more_than_a_batch_is_deleted(
    db_session: Session, retention: SessionRetention, alan: int
) -> None:
    began = dict.fromkeys(("created_at", "updated_at", "rotated_at", "last_used_at"), NOON)
    ended = dict.fromkeys(("expires_at", "absolute_expires_at"), at_minute(1))
    row = {"user_id": alan, "current_hash": "none", **began, **ended}
    db_session.execute(insert(UserSession), [dict(row) for _ in range(2501)])
    db_session.commit()

    assert retention.delete_expired() == 2501
    assert sessions(db_session) == []
