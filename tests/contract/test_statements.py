"""How many statements each operation that reads sends, and those that are asked for most."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from contract.declared import CALLS, ids_for, named, path_of
from contract.operations import operations_of
from support.accounts import Account, Headers, open_login
from support.paths import LOGIN, ME, REFRESH, USERS
from support.rows import add_user_row
from support.statements import statements_on
from userapi.testing.contract import Kind

pytestmark = pytest.mark.any_database

CALLER = 1
"""Token, session and user are asked for in one statement."""

READING = {Kind.READ: CALLER + 1, Kind.WHOLE_LIST: CALLER + 2, Kind.LIST: CALLER + 2}
"""The thing itself; or a list with how long it is, and whether there is whom it belongs to."""


def count(connection: Connection, client: FlaskClient, path: str, **request: Any) -> int:
    """Return how many statements a request sends; it has to succeed."""
    with statements_on(connection) as sent:
        answer = client.open(path, **request)
    assert answer.status_code == 200, answer.text
    return len([it for it in sent if "SAVEPOINT" not in it])  # those are the test's own


@pytest.fixture
def paths(admin_user: Account, db_session: Session, document: dict[str, Any]) -> dict[str, str]:
    """The paths of all operations that read, by their names; what they name is there."""
    ids = ids_for(db_session, admin_user.id)
    return {
        operation.name: path_of(operation.path, ids)
        for operation in operations_of(document)
        if operation.name in named(*READING)
    }


@pytest.mark.parametrize("name", named(*READING))
def test_reading_takes_so_many_at_most(
    client: FlaskClient,
    connection: Connection,
    admin_headers: Headers,
    paths: dict[str, str],
    name: str,
) -> None:
    sent = count(connection, client, paths[name], headers=admin_headers)

    assert 0 < sent <= READING[CALLS[name].kind]


def test_the_own_user_comes_with_the_caller(
    client: FlaskClient, connection: Connection, auth_headers: Headers
) -> None:
    assert count(connection, client, ME, headers=auth_headers) == CALLER


@pytest.mark.parametrize("size", [1, 4, 100])
def test_a_page_takes_as_many_whatever_its_size(
    client: FlaskClient,
    connection: Connection,
    admin_headers: Headers,
    db_session: Session,
    size: int,
) -> None:
    for number in range(4):
        add_user_row(db_session, f"u{number}@example.com")
    page = f"{USERS}?per_page={size}"

    assert count(connection, client, page, headers=admin_headers) == CALLER + 1


def test_a_refresh_takes_so_many(
    client: FlaskClient, connection: Connection, user: Account
) -> None:
    login = open_login(client, user)

    # The caller; its locks, user and session; the time; the rotation; the event, and its origin.
    assert count(connection, client, REFRESH, method="POST", headers=login.refresh) == 7


def test_a_login_takes_so_many(client: FlaskClient, connection: Connection, user: Account) -> None:
    credentials = {"email": user.email, "password": user.password}
    open_login(client, user)

    # The hash; the user, and what its sessions tell; devices, two; the session; the attempt; the
    # event, and its origin; the mail that tells of it, and its job, two each.
    assert count(connection, client, LOGIN, method="POST", json=credentials) == 13
