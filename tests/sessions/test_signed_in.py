"""The session that most tests begin with is what a login opens."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, log_in
from support.events import written
from support.paths import ME, SESSIONS
from support.signing_in import sign_in
from support.tokens import claims_of
from userapi.audit.models import AuditClientInfo
from userapi.sessions.models import UserSession

OWN_CLAIMS = {"jti", "sid", "iat", "nbf", "exp"}
OWN_COLUMNS = {"id", "current_hash", "device_id"}


def claims(headers: Headers) -> dict[str, Any]:
    return claims_of(headers["Authorization"].removeprefix("Bearer "))


def rows_of(session: Session, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(table)).mappings()]


def told(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a session's row says, its times as they are to its beginning."""
    times = {"expires_at", "absolute_expires_at", "rotated_at", "last_used_at"}
    begun = row["created_at"]
    return {
        name: value - begun if name in times else value
        for name, value in row.items()
        if name not in {*OWN_COLUMNS, "created_at", "updated_at"}
    }


def test_tokens_say_what_those_of_a_login_say(client: FlaskClient, admin_user: Account) -> None:
    without, by_login = claims(sign_in(client, admin_user)), claims(log_in(client, admin_user))

    assert set(without) == set(by_login)
    assert {name: without[name] for name in set(without) - OWN_CLAIMS} == {
        name: by_login[name] for name in set(by_login) - OWN_CLAIMS
    }
    lives = [it["exp"] - it["iat"] for it in (without, by_login)]
    assert lives[0] == lives[1]


def test_rows_are_those_of_a_login(client: FlaskClient, db_session: Session, user: Account) -> None:
    sign_in(client, user)
    log_in(client, user)

    one, other = rows_of(db_session, UserSession.metadata.tables["sessions"])
    assert told(one) == told(other)
    first, second = written(db_session)
    assert (first.event, first.actor_id, first.details) == (
        second.event,
        second.actor_id,
        second.details,
    )
    origin, another = rows_of(db_session, AuditClientInfo.metadata.tables["audit_origins"])
    assert {**origin, "event_id": None} == {**another, "event_id": None}


def test_tokens_are_taken(client: FlaskClient, user: Account) -> None:
    headers = sign_in(client, user)

    assert client.get(ME, headers=headers).get_json()["id"] == user.id
    (session,) = client.get(SESSIONS, headers=headers).get_json()["sessions"]
    assert session["current"] is True
