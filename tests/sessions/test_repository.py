import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.rows import NOON, add_session_row, add_user_row, at_minute, revocation_of
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.kit.principal import Role, SessionCredential
from userapi.sessions.repository import SessionRepository
from userapi.sessions.rotation import Successor
from userapi.tokens.claims import TokenSubject, VerifiedToken

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


def token_of(session_id: uuid.UUID, user_id: int) -> VerifiedToken:
    """Return a token of that session and user."""
    return VerifiedToken(TokenSubject(user_id, session_id, is_admin=False), "the token")


def test_a_live_session_has_a_principal(
    db_session: Session, sessions: SessionRepository, alan: int
) -> None:
    session_id = add_session_row(db_session, alan)

    principal = sessions.find_caller(token_of(session_id, alan))

    assert principal is not None
    assert (principal.user_id, principal.role) == (alan, Role.USER)
    assert principal.credential == SessionCredential(session_id, "the token", used_at=NOON)


def test_a_session_is_alive_until_the_moment_it_expires(
    db_session: Session, sessions: SessionRepository, alan: int
) -> None:
    session_id = add_session_row(db_session, alan, expires_at=at_minute(61))

    assert sessions.find_caller(token_of(session_id, alan)) is not None


@pytest.mark.parametrize(
    "columns", [{"expires_at": NOW}, {"expires_at": EARLIER}, {"revoked_at": EARLIER}]
)
def test_a_session_that_is_over_has_no_principal(
    db_session: Session, sessions: SessionRepository, alan: int, columns: dict[str, Any]
) -> None:
    session_id = add_session_row(db_session, alan, **columns)

    assert sessions.find_caller(token_of(session_id, alan)) is None


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_a_user_without_access_has_no_principal(
    db_session: Session, sessions: SessionRepository, columns: dict[str, Any]
) -> None:
    user_id = add_user_row(db_session, "alan@example.com", **columns)
    session_id = add_session_row(db_session, user_id)

    assert sessions.find_caller(token_of(session_id, user_id)) is None


def test_a_session_speaks_for_its_own_user_only(
    db_session: Session, sessions: SessionRepository, alan: int, grace: int
) -> None:
    session_id = add_session_row(db_session, grace)

    assert sessions.find_caller(token_of(session_id, alan)) is None


def test_an_unknown_session_has_no_principal(sessions: SessionRepository, alan: int) -> None:
    assert sessions.find_caller(token_of(uuid.uuid4(), alan)) is None


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
