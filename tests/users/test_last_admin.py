"""One active administrator always remains."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, add_user
from support.answers import verdict
from support.paths import ME, USERS
from support.rows import NOON, add_user_row, column_of
from userapi.kit.principal import Role


@pytest.fixture
def second_admin(db_session: Session, password_hash: str) -> Account:
    """Another active administrator."""
    return add_user(db_session, password_hash, email="second@example.com", role=Role.ADMIN)


def test_the_last_admin_cannot_be_deactivated(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    answer = client.patch(admin_user.path, json={"is_active": False}, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_the_last_admin_cannot_be_deleted(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    answer = client.delete(admin_user.path, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_a_refusal_leaves_the_last_admin_logged_in(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    client.patch(admin_user.path, json={"is_active": False}, headers=admin_headers)
    client.delete(admin_user.path, headers=admin_headers)

    assert client.get(ME, headers=admin_headers).get_json()["is_active"] is True


def test_a_refusal_takes_the_whole_change_with_it(
    client: FlaskClient, db_session: Session, admin_user: Account, admin_headers: Headers
) -> None:
    client.patch(
        admin_user.path,
        json={"first_name": "Eve", "is_active": False},
        headers=admin_headers,
    )

    assert column_of(db_session, admin_user.id, "first_name") == "Ada"


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_an_admin_who_cannot_log_in_does_not_allow_the_deactivation(
    client: FlaskClient,
    db_session: Session,
    admin_user: Account,
    admin_headers: Headers,
    columns: dict[str, Any],
) -> None:
    add_user_row(db_session, "second@example.com", role=Role.ADMIN, **columns)

    answer = client.patch(admin_user.path, json={"is_active": False}, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_an_admin_who_cannot_log_in_does_not_allow_the_deletion(
    client: FlaskClient,
    db_session: Session,
    admin_user: Account,
    admin_headers: Headers,
    columns: dict[str, Any],
) -> None:
    add_user_row(db_session, "second@example.com", role=Role.ADMIN, **columns)

    answer = client.delete(admin_user.path, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_the_last_admin_may_be_renamed(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    answer = client.patch(
        admin_user.path,
        json={"first_name": "Augusta", "is_active": True},
        headers=admin_headers,
    )

    assert answer.status_code == 200


def test_one_of_two_admins_may_deactivate_herself(
    client: FlaskClient, admin_user: Account, second_admin: Account, admin_headers: Headers
) -> None:
    answer = client.patch(admin_user.path, json={"is_active": False}, headers=admin_headers)

    assert answer.status_code == 200
    assert client.get(ME, headers=admin_headers).status_code == 401


def test_one_of_two_admins_may_delete_herself(
    client: FlaskClient, admin_user: Account, second_admin: Account, admin_headers: Headers
) -> None:
    answer = client.delete(admin_user.path, headers=admin_headers)

    assert answer.status_code == 204
    assert client.get(ME, headers=admin_headers).status_code == 401


def test_one_of_two_admins_may_deactivate_the_other(
    client: FlaskClient, second_admin: Account, admin_headers: Headers
) -> None:
    answer = client.patch(second_admin.path, json={"is_active": False}, headers=admin_headers)

    assert answer.status_code == 200


def test_one_of_two_admins_may_delete_the_other(
    client: FlaskClient, second_admin: Account, admin_headers: Headers
) -> None:
    answer = client.delete(second_admin.path, headers=admin_headers)

    assert answer.status_code == 204


def test_then_the_remaining_one_is_the_last(
    client: FlaskClient, admin_user: Account, second_admin: Account, admin_headers: Headers
) -> None:
    client.delete(second_admin.path, headers=admin_headers)

    answer = client.delete(admin_user.path, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_a_deactivated_admin_may_be_deleted(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    inactive = add_user_row(db_session, "a@example.com", role=Role.ADMIN, is_active=False)

    answer = client.delete(f"{USERS}/{inactive}", headers=admin_headers)

    assert answer.status_code == 204


@pytest.mark.parametrize("role", ["user", "moderator"])
def test_the_last_admin_cannot_be_demoted(
    client: FlaskClient,
    db_session: Session,
    admin_user: Account,
    admin_headers: Headers,
    role: str,
) -> None:
    answer = client.put(f"{admin_user.path}/role", json={"role": role}, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")
    assert column_of(db_session, admin_user.id, "role") == "admin"


@pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
def test_an_admin_who_cannot_log_in_does_not_allow_the_demotion(
    client: FlaskClient,
    db_session: Session,
    admin_user: Account,
    admin_headers: Headers,
    columns: dict[str, Any],
) -> None:
    add_user_row(db_session, "second@example.com", role=Role.ADMIN, **columns)

    answer = client.put(f"{admin_user.path}/role", json={"role": "user"}, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_a_moderator_is_no_admin_who_remains(
    client: FlaskClient, admin_user: Account, moderator_user: Account, admin_headers: Headers
) -> None:
    answer = client.delete(admin_user.path, headers=admin_headers)

    assert verdict(answer) == (409, "last-admin")


def test_one_of_two_admins_may_demote_herself(
    client: FlaskClient, admin_user: Account, second_admin: Account, admin_headers: Headers
) -> None:
    answer = client.put(f"{admin_user.path}/role", json={"role": "user"}, headers=admin_headers)

    assert answer.status_code == 200
    assert client.delete(second_admin.path, headers=admin_headers).status_code == 403


def test_the_last_admin_may_be_made_admin_again(
    client: FlaskClient, admin_user: Account, admin_headers: Headers
) -> None:
    answer = client.put(f"{admin_user.path}/role", json={"role": "admin"}, headers=admin_headers)

    assert answer.status_code == 200


def test_a_deactivated_admin_may_be_demoted(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    inactive = add_user_row(db_session, "a@example.com", role=Role.ADMIN, is_active=False)

    answer = client.put(f"{USERS}/{inactive}/role", json={"role": "user"}, headers=admin_headers)

    assert answer.status_code == 200
