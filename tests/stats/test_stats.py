"""Admins see how many users and sessions there are."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import verdict
from support.rows import add_session_row, add_user_row
from support.statements import statements_on
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role

STATS = "/api/v1/admin/stats"


def stats(client: FlaskClient, headers: Headers, days: int = 3) -> dict[str, Any]:
    answer = client.get(f"{STATS}?days={days}", headers=headers)
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.get_json()
    return read


def test_users_are_counted_by_their_state(
    client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    now = utc_now()
    add_user_row(db_session, "a@example.com", email_verified_at=now, role=Role.MODERATOR)
    add_user_row(db_session, "b@example.com", is_active=False)
    add_user_row(db_session, "c@example.com", deleted_at=now, email_verified_at=now)
    add_user_row(db_session, "d@example.com", deleted_at=now, erased_at=now, is_active=False)

    users = stats(client, admin_headers)["users"]

    roles = users.pop("by_role")
    verified = users.pop("verified")
    assert users == {
        "living": 3,
        "active": 2,
        "deactivated": 1,
        "unverified": 3 - verified,
        "closed": 1,
        "erased": 1,
    }
    assert {it["role"]: it["count"] for it in roles} == {"user": 1, "moderator": 1, "admin": 1}


def test_sessions_are_counted_that_are_alive(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, db_session: Session
) -> None:
    later = utc_now() + timedelta(hours=1)
    add_session_row(db_session, admin_user.id, expires_at=later)
    add_session_row(db_session, admin_user.id, expires_at=later, revoked_at=utc_now())
    add_session_row(
        db_session,
        admin_user.id,
        created_at=utc_now() - timedelta(hours=2),
        expires_at=utc_now() - timedelta(hours=1),
    )

    assert stats(client, admin_headers)["sessions"] == {"alive": 2}


def test_fresh_figures_count_nothing(
    client: FlaskClient, admin_headers: Headers, connection: Connection
) -> None:
    stats(client, admin_headers)

    with statements_on(connection) as sent:
        stats(client, admin_headers, days=90)

    assert not [it for it in sent if "count(" in it or it.startswith(("INSERT", "UPDATE"))]
    assert len([it for it in sent if "_stats" in it or "stats_" in it]) == 2


@pytest.mark.any_database
@pytest.mark.parametrize("days", ["0", "91", "-1", "1.5", "x", "9" * 30])
def test_more_days_than_there_are_kept_are_refused(
    client: FlaskClient, admin_headers: Headers, days: str
) -> None:
    answer = client.get(f"{STATS}?days={days}", headers=admin_headers)

    assert verdict(answer) == (400, "invalid-input")
