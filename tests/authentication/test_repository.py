import uuid
from typing import Any

import pytest
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.rows import NOON, add_session_row, add_user_row, at_minute
from userapi.authentication.repository import CallerRepository
from userapi.db.session import ScopedSession
from userapi.kit.principal import Role, SessionCredential
from userapi.tokens.claims import TokenSubject, VerifiedToken

EARLIER = at_minute(10)
NOW = at_minute(60)


@pytest.fixture
def callers(scoped_session: ScopedSession) -> CallerRepository:
    return CallerRepository(db=scoped_session, clock=database_clock_of(lambda: NOW))


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
    db_session: Session, callers: CallerRepository, alan: int
) -> None:
    session_id = add_session_row(db_session, alan)

    principal = callers.find_caller(token_of(session_id, alan))

    assert principal is not None
    assert (principal.user_id, principal.role) == (alan, Role.USER)
    assert principal.credential == SessionCredential(session_id, "the token", used_at=NOON)


def test_a_session_is_alive_until_the_moment_it_expires(
    db_session: Session, callers: CallerRepository, alan: int
) -> None:
    session_id = add_session_row(db_session, alan, expires_at=at_minute(61))

    assert callers.find_caller(token_of(session_id, alan)) is not None


@pytest.mark.parametrize(
    "columns", [{"expires_at": NOW}, {"expires_at": EARLIER}, {"revoked_at": EARLIER}]
)
def test_a_session_that_is_over_has_no_principal(
    db_session: Session, callers: CallerRepository, alan: int, columns: dict[str, Any]
) -> None:
    session_id = add_session_row(db_session, alan, **columns)

    assert callers.find_caller(token_of(session_id, alan)) is None


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_a_user_without_access_has_no_principal(
    db_session: Session, callers: CallerRepository, columns: dict[str, Any]
) -> None:
    user_id = add_user_row(db_session, "alan@example.com", **columns)
    session_id = add_session_row(db_session, user_id)

    assert callers.find_caller(token_of(session_id, user_id)) is None


def test_a_session_speaks_for_its_own_user_only(
    db_session: Session, callers: CallerRepository, alan: int, grace: int
) -> None:
    session_id = add_session_row(db_session, grace)

    assert callers.find_caller(token_of(session_id, alan)) is None


def test_an_unknown_session_has_no_principal(callers: CallerRepository, alan: int) -> None:
    assert callers.find_caller(token_of(uuid.uuid4(), alan)) is None
