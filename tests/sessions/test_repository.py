from typing import Any

import pytest
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.rows import add_session_row, add_user_row, at_minute, revocation_of
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Successor

EARLIER = at_minute(10)
NOW = at_minute(60)


@pytest.fixture
def sessions(scoped_session: ScopedSession) -> SessionRepository:
    return SessionRepository(db=scoped_session, clock=database_clock_of(lambda: NOW))


@pytest.fixture
def alan(db_session: Session) -> int:
    """A user's id."""
    return add_user_row(db_session, "alan@example.com", password_hash="the hash")


@pytest.fixture
def grace(db_session: Session) -> int:
    """Another user's id."""
    return add_user_row(db_session, "grace@example.com")


@pytest.mark.parametrize(
    "columns", [{"expires_at": NOW}, {"revoked_at": EARLIER}, {"current_hash": "another hash"}]
)
def test_only_the_newest_token_of_a_live_session_is_replaced(
    db_session: Session,
    sessions: SessionRepository,
    transaction: UnitOfWork,
    alan: int,
    columns: dict[str, Any],
) -> None:
    alive = add_session_row(db_session, alan, current_hash="the hash")
    other = add_session_row(db_session, alan, **{"current_hash": "the hash"} | columns)
    successor = Successor("the next hash", "b" * 32, NOW, at_minute(90), key_id=None)

    with transaction as tx:
        replaced = [
            sessions.rotate(session_id, "the hash", successor, ClientInfo())
            for session_id in (alive, other)
        ]
        tx.commit()

    assert replaced == [at_minute(90), None]


def test_revoking_ends_one_session(
    db_session: Session, sessions: SessionRepository, transaction: UnitOfWork, alan: int
) -> None:
    ended = add_session_row(db_session, alan)
    other = add_session_row(db_session, alan)

    with transaction as tx:
        sessions.revoke(ended, alan)
        tx.commit()

    assert revocation_of(db_session, ended) == NOW
    assert revocation_of(db_session, other) is None


def test_revoking_again_keeps_the_first_time(
    db_session: Session, sessions: SessionRepository, transaction: UnitOfWork, alan: int
) -> None:
    session_id = add_session_row(db_session, alan, revoked_at=EARLIER)

    with transaction as tx:
        sessions.revoke(session_id, alan)
        tx.commit()

    assert revocation_of(db_session, session_id) == EARLIER


def test_revoking_all_ends_every_session_of_the_user(
    db_session: Session, sessions: SessionRepository, transaction: UnitOfWork, alan: int
) -> None:
    ended = [add_session_row(db_session, alan), add_session_row(db_session, alan)]

    with transaction as tx:
        sessions.revoke_all(alan)
        tx.commit()

    assert [revocation_of(db_session, session_id) for session_id in ended] == [NOW, NOW]


def test_revoking_all_leaves_the_sessions_of_others(
    db_session: Session, sessions: SessionRepository, transaction: UnitOfWork, alan: int, grace: int
) -> None:
    session_id = add_session_row(db_session, grace)

    with transaction as tx:
        sessions.revoke_all(alan)
        tx.commit()

    assert revocation_of(db_session, session_id) is None


def test_revoking_all_keeps_the_time_of_what_ended_before(
    db_session: Session, sessions: SessionRepository, transaction: UnitOfWork, alan: int
) -> None:
    session_id = add_session_row(db_session, alan, revoked_at=EARLIER)

    with transaction as tx:
        sessions.revoke_all(alan)
        tx.commit()

    assert revocation_of(db_session, session_id) == EARLIER
