"""A user has no more live sessions than a page shows: a new one ends the least recently used."""

import uuid
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, log_in
from support.events import Written, written
from support.paths import ME
from support.rows import NOON
from support.signing_in import sign_in
from userapi.kit.pagination import MAX_PER_PAGE
from userapi.sessions.models import UserSession
from userapi.sessions.records import MAX_SESSIONS
from userapi.sessions.services import lifecycle

LIMIT = 3


@pytest.fixture(autouse=True)
def few_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "MAX_SESSIONS", LIMIT)


def live_sessions(session: Session, user: Account) -> list[uuid.UUID]:
    query = select(UserSession.id).where(
        UserSession.user_id == user.id, UserSession.revoked_at.is_(None)
    )
    return list(session.scalars(query))


def set_last_uses(session: Session, user: Account, minutes: list[int]) -> list[uuid.UUID]:
    """Have the user's sessions been used so many minutes after noon; return them in that order."""
    ids = live_sessions(session, user)
    for session_id, later in zip(ids, minutes, strict=True):
        used_at = NOON + timedelta(minutes=later)
        session.execute(
            update(UserSession).where(UserSession.id == session_id).values(last_used_at=used_at)
        )
    session.commit()
    return [session_id for _, session_id in sorted(zip(minutes, ids, strict=True))]


def status_of(client: FlaskClient, headers: Headers) -> int:
    return client.get(ME, headers=headers).status_code


def test_a_page_shows_all_that_there_may_be() -> None:
    assert MAX_SESSIONS <= MAX_PER_PAGE


def test_one_too_many_ends_the_least_recently_used(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(LIMIT):
        sign_in(client, user)
    oldest, *others = set_last_uses(db_session, user, [2, 1, 3])

    log_in(client, user)

    left = live_sessions(db_session, user)
    assert len(left) == LIMIT
    assert oldest not in left
    assert set(others) <= set(left)


def test_its_token_works_no_more(client: FlaskClient, user: Account) -> None:
    first = sign_in(client, user)
    statuses = [status_of(client, first)]
    for _ in range(LIMIT):
        log_in(client, user)
    statuses.append(status_of(client, first))

    assert statuses == [200, 401]


def test_the_end_is_written_down(client: FlaskClient, db_session: Session, user: Account) -> None:
    for _ in range(LIMIT):
        sign_in(client, user)
    oldest, *_ = set_last_uses(db_session, user, [1, 2, 3])
    log_in(client, user)

    ended = [it for it in written(db_session) if it.event == "session:revoked"]
    details = {"reason": "limit"}
    assert ended == [Written("session:revoked", user.id, user.id, str(oldest), details)]


def test_the_sessions_of_others_do_not_count(
    client: FlaskClient, user: Account, other_user: Account
) -> None:
    first = sign_in(client, user)
    for _ in range(LIMIT):
        log_in(client, other_user)
    log_in(client, user)

    assert status_of(client, first) == 200


def test_the_sessions_of_others_stay(
    client: FlaskClient, user: Account, other_headers: Headers
) -> None:
    for _ in range(LIMIT + 1):
        log_in(client, user)

    assert status_of(client, other_headers) == 200
