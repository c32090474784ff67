"""Versions of users: what counts them up, and how they are looked for."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, log_in
from support.answers import verdict
from support.paths import LOGOUT, ME
from support.principals import principal_of
from support.rows import NOON, UNKNOWN_ID, add_user_row, column_of, set_columns
from support.statements import statements_on
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.versions import StaleVersion
from userapi.users.models import User
from userapi.users.repository import UserRepository
from userapi.users.service import UserChanges, UserService
from userapi.web.services import provided

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("callers_as_given")]

Removal = dict[str, Any]
"""What is sent so that a user loses access."""
REMOVALS: dict[str, Removal] = {
    "deactivation": {"method": "PATCH", "json": {"is_active": False}},
    "deletion": {"method": "DELETE"},
}
removals = pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)


@pytest.fixture
def users(scoped_session: ScopedSession) -> UserRepository:
    return UserRepository(db=scoped_session)


@pytest.fixture
def alan(db_session: Session) -> int:
    """A user's id, in version 7."""
    user_id = add_user_row(db_session, "alan@example.com")
    set_columns(db_session, user_id, version=7)
    return user_id


@pytest.fixture
def statements(connection: Connection) -> Iterator[list[str]]:
    """What the application sends to the database from now on."""
    with statements_on(connection) as sent:
        yield sent


def remove(
    client: FlaskClient, account: Account, headers: Headers, removal: Removal, *, version: int
) -> TestResponse:
    """Send the removal of that version."""
    condition = {"If-Match": f'"{account.id}-{version}"'}
    return client.open(account.path, headers=headers | condition, **removal)


@pytest.mark.parametrize("versions", [None, {7}, {6, 7, 8}])
def test_locking_finds_an_accepted_version(
    users: UserRepository, transaction: UnitOfWork, alan: int, versions: set[int] | None
) -> None:
    accepted = None if versions is None else frozenset(versions)

    with transaction:
        user = users.get_for_update(alan, accepted)
        found = user is not None and (user.id, user.version)

    assert found == (alan, 7)


@pytest.mark.parametrize("versions", [set[int](), {6}, {6, 8}, {10**18 - 1}])
def test_locking_does_not_find_another_version(
    users: UserRepository, transaction: UnitOfWork, alan: int, versions: set[int]
) -> None:
    with transaction:
        assert users.get_for_update(alan, frozenset(versions)) is None


def test_locking_does_not_find_that_version_of_another_user(
    users: UserRepository, transaction: UnitOfWork, alan: int
) -> None:
    with transaction:
        assert users.get_for_update(UNKNOWN_ID, frozenset({7})) is None


def test_locking_does_not_find_that_version_of_a_deleted_user(
    db_session: Session, users: UserRepository, transaction: UnitOfWork, alan: int
) -> None:
    set_columns(db_session, alan, deleted_at=NOON)

    with transaction:
        assert users.get_for_update(alan, frozenset({7})) is None


def test_the_database_decides_about_the_version(
    users: UserRepository, transaction: UnitOfWork, alan: int, statements: list[str]
) -> None:
    with transaction:
        users.get_for_update(alan, frozenset({6}))

    (query,) = [sent for sent in statements if sent.startswith("SELECT")]
    assert "users.version IN (" in query.partition("WHERE")[2]


def test_without_versions_it_is_not_asked(
    users: UserRepository, transaction: UnitOfWork, alan: int, statements: list[str]
) -> None:
    with transaction:
        users.get_for_update(alan)

    (query,) = [sent for sent in statements if sent.startswith("SELECT")]
    assert "version" not in query.partition("WHERE")[2]


def test_an_update_asks_for_the_version(
    client: FlaskClient, user: Account, auth_headers: Headers, statements: list[str]
) -> None:
    client.patch(user.path, json={"first_name": "Augusta"}, headers=auth_headers)

    (change,) = [sent for sent in statements if sent.startswith("UPDATE users")]
    assert "users.version = " in change.partition("WHERE")[2]


def test_a_row_that_was_changed_meanwhile_is_not_overwritten(
    db_session: Session, alan: int
) -> None:
    user = db_session.get_one(User, alan)
    behind_its_back = update(User).where(User.id == alan).values(version=8)
    db_session.execute(behind_its_back, execution_options={"synchronize_session": False})
    user.first_name = "Edsger"

    with pytest.raises(StaleDataError):
        db_session.flush()


def test_a_new_user_has_version_1(db_session: Session) -> None:
    user_id = add_user_row(db_session, "grace@example.com")

    assert column_of(db_session, user_id, "version") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "Augusta"},
        {"first_name": "Augusta", "last_name": "King"},
        {"is_active": False},
    ],
)
def test_a_change_counts_the_version_up_once(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_headers: Headers,
    change: dict[str, Any],
) -> None:
    client.patch(user.path, json=change, headers=admin_headers)

    assert column_of(db_session, user.id, "version") == 2


@pytest.mark.parametrize("change", [{"first_name": "Ada"}, {"is_active": True}, {}])
def test_what_is_so_already_leaves_the_version(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_headers: Headers,
    change: dict[str, Any],
) -> None:
    client.patch(user.path, json=change, headers=admin_headers)

    assert column_of(db_session, user.id, "version") == 1


def test_deletion_counts_the_version_up(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    client.delete(user.path, headers=admin_headers)

    assert column_of(db_session, user.id, "version") == 2


def test_login_and_logout_leave_the_version(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    answer = client.post(LOGOUT, headers=log_in(client, user))

    assert answer.status_code == 200
    assert column_of(db_session, user.id, "version") == 1


def test_a_refused_change_leaves_the_version(
    client: FlaskClient, db_session: Session, user: Account, other_headers: Headers
) -> None:
    client.patch(user.path, json={"first_name": "Eve"}, headers=other_headers)

    assert column_of(db_session, user.id, "version") == 1


@removals
def test_a_stale_tag_ends_no_session(
    client: FlaskClient,
    user: Account,
    auth_headers: Headers,
    admin_headers: Headers,
    removal: Removal,
) -> None:
    answer = remove(client, user, admin_headers, removal, version=2)

    assert verdict(answer) == (412, "stale-version")
    assert client.get(ME, headers=auth_headers).status_code == 200


@removals
def test_a_current_tag_ends_the_sessions(
    client: FlaskClient,
    user: Account,
    auth_headers: Headers,
    admin_headers: Headers,
    removal: Removal,
) -> None:
    remove(client, user, admin_headers, removal, version=1)

    assert client.get(ME, headers=auth_headers).status_code == 401


@removals
def test_the_last_admin_stays_whatever_the_tag(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, removal: Removal
) -> None:
    answer = remove(client, admin_user, admin_headers, removal, version=1)

    assert verdict(answer) == (409, "last-admin")


@removals
def test_a_stale_tag_of_the_last_admin_is_stale(
    client: FlaskClient, admin_user: Account, admin_headers: Headers, removal: Removal
) -> None:
    answer = remove(client, admin_user, admin_headers, removal, version=2)

    assert verdict(answer) == (412, "stale-version")


def test_the_service_refuses_another_version(
    app: Flask, db_session: Session, scoped_session: ScopedSession, alan: int
) -> None:
    changes = UserChanges(first_name="Edsger")

    with pytest.raises(StaleVersion):
        provided(UserService).update(principal_of(alan), alan, changes, frozenset({6}))

    assert column_of(db_session, alan, "first_name") == "Alan"
