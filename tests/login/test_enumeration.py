"""Nothing that a login answers, or does, tells whether an address has an account (S16, S17)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, open_login, try_login
from support.answers import all_but_the_name
from support.logins import BUCKETS
from support.paths import LOGIN, LOGOUT, REFRESH
from support.rows import NOON, at_minute, set_columns
from support.statements import statements_on
from userapi.throttling.models import LoginThrottle

pytestmark = pytest.mark.any_database

NOBODY = "nobody@example.com"
WRONG = "wrong password"
STATES: dict[str, dict[str, Any] | None] = {
    "never failed": None,
    "free": {"failures": 5},
    "delayed": {"failures": 10, "blocked_until": at_minute(1)},
    "after the delay": {"failures": 17, "blocked_until": NOON},
    "about to be stopped": {"failures": 49, "blocked_until": NOON},
    "stopped": {"failures": 50, "blocked_until": at_minute(60)},
}
KNOWN: dict[str, dict[str, Any]] = {
    "active": {},
    "deactivated": {"is_active": False},
    "deleted": {"deleted_at": NOON},
    "without a usable password": {"password_hash": "!"},
}


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest, db_session: Session, user: Account) -> str:
    """Bring both addresses, the known and the unknown one, into a state of the throttle."""
    columns = STATES[request.param]
    for email in (user.email, NOBODY):
        if columns is not None:
            row = {"blocked_until": None, "last_failed_at": NOON, **columns}
            db_session.add(LoginThrottle(bucket=BUCKETS.of_account(email), **row))
    db_session.commit()
    return str(request.param)


def unnumbered(statements: list[str]) -> list[str]:
    """Return the statements without the numbers of the test's own savepoints."""
    return [re.sub(r"savepoint_\d+", "savepoint", statement) for statement in statements]


@pytest.mark.parametrize("kind", KNOWN)
def test_a_known_and_an_unknown_address_get_the_same_answer(
    throttled_client: FlaskClient, db_session: Session, user: Account, state: str, kind: str
) -> None:
    if KNOWN[kind]:
        set_columns(db_session, user.id, **KNOWN[kind])

    known = try_login(throttled_client, user.email, WRONG)
    unknown = try_login(throttled_client, NOBODY, WRONG)

    assert all_but_the_name(known) == all_but_the_name(unknown)
    assert known.status_code == (429 if state in ("delayed", "stopped") else 401)


def test_a_known_and_an_unknown_address_cost_the_same_statements(
    throttled_client: FlaskClient, connection: Connection, user: Account, state: str
) -> None:
    with statements_on(connection) as for_known:
        try_login(throttled_client, user.email, WRONG)
    with statements_on(connection) as for_unknown:
        try_login(throttled_client, NOBODY, WRONG)

    assert unnumbered(for_known) == unnumbered(for_unknown)
    assert any("INSERT INTO login_throttles" in statement for statement in for_known)


def test_a_spelling_of_a_known_and_of_an_unknown_address_cost_the_same_statements(
    throttled_client: FlaskClient, connection: Connection, user: Account
) -> None:
    answers, statements = [], []
    for email in ('"ada"@example.com', '"nobody"@example.com'):
        with statements_on(connection) as sent:
            answers.append(all_but_the_name(try_login(throttled_client, email, WRONG)))
        statements.append(unnumbered(sent))

    assert answers[0] == answers[1]
    assert statements[0] == statements[1]


def test_a_device_token_makes_no_difference_either(
    throttled_client: FlaskClient, connection: Connection, user: Account
) -> None:
    answers, statements = [], []
    for email in (user.email, NOBODY):
        login = {"email": email, "password": WRONG, "device_token": "uad_unknown"}
        with statements_on(connection) as sent:
            answer = throttled_client.post(LOGIN, json=login)
        answers.append(all_but_the_name(answer))
        statements.append(unnumbered(sent))

    assert answers[0] == answers[1]
    assert statements[0] == statements[1]


def test_a_right_password_of_a_locked_account_is_not_told(
    throttled_client: FlaskClient, db_session: Session, user: Account
) -> None:
    row = {"failures": 50, "blocked_until": None, "last_failed_at": NOON}
    db_session.add(LoginThrottle(bucket=BUCKETS.of_account(user.email), **row))
    db_session.commit()

    right = try_login(throttled_client, user.email, PASSWORD)

    assert all_but_the_name(right) == all_but_the_name(
        try_login(throttled_client, user.email, WRONG)
    )


@pytest.fixture
def refresh_headers(client: FlaskClient, user: Account) -> Headers:
    """The headers of a refresh by `user`."""
    return open_login(client, user).refresh


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_a_refresh_does_not_tell_what_became_of_the_account(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    refresh_headers: Headers,
    columns: dict[str, Any],
) -> None:
    ended = open_login(client, user)
    client.post(LOGOUT, headers=ended.access)
    logged_out = client.post(REFRESH, headers=ended.refresh)

    set_columns(db_session, user.id, **columns)

    gone = client.post(REFRESH, headers=refresh_headers)
    assert all_but_the_name(gone) == all_but_the_name(logged_out)
    assert gone.status_code == 401
