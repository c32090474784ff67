"""Mass assignment: nobody gets a role by sending one along with something else."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, register
from support.answers import assert_invalid
from support.paths import USERS
from support.rows import column_of
from userapi.users.models import User

pytestmark = pytest.mark.any_database

RIGHTS: list[dict[str, Any]] = [
    {"role": "admin"},
    {"role": "moderator"},
    {"is_admin": True},
    {"isAdmin": True},
    {"Role": "admin"},
]
rights = pytest.mark.parametrize("rights", RIGHTS, ids=str)


@rights
def test_mass_assignment_by_registering(
    client: FlaskClient, db_session: Session, rights: dict[str, Any]
) -> None:
    answer = register(client, **rights)

    assert_invalid(answer, f"/{next(iter(rights))}", "unknown")
    assert db_session.scalars(select(User.id)).all() == []


@rights
def test_mass_assignment_by_updating_oneself(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    auth_headers: Headers,
    rights: dict[str, Any],
) -> None:
    answer = client.patch(user.path, json={"first_name": "Eve"} | rights, headers=auth_headers)

    assert_invalid(answer, f"/{next(iter(rights))}", "unknown")
    assert column_of(db_session, user.id, "role") == "user"
    assert column_of(db_session, user.id, "first_name") == "Ada"


@rights
def test_mass_assignment_by_an_admins_update(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_headers: Headers,
    rights: dict[str, Any],
) -> None:
    answer = client.patch(user.path, json=rights, headers=admin_headers)

    assert_invalid(answer, f"/{next(iter(rights))}", "unknown")
    assert column_of(db_session, user.id, "role") == "user"


def test_mass_assignment_beside_a_role(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    body = {"role": "moderator", "is_active": False}

    answer = client.put(f"{user.path}/role", json=body, headers=admin_headers)

    assert_invalid(answer, "/is_active", "unknown")
    assert column_of(db_session, user.id, "role") == "user"


@rights
def test_mass_assignment_by_the_query(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    auth_headers: Headers,
    rights: dict[str, Any],
) -> None:
    answer = client.patch(
        user.path, json={"first_name": "Eve"}, query_string=rights, headers=auth_headers
    )

    assert_invalid(answer, next(iter(rights)), "unknown")
    assert column_of(db_session, user.id, "first_name") == "Ada"


@pytest.mark.parametrize("rights", [it for it in RIGHTS if "role" not in it], ids=str)
def test_no_filter_of_the_directory_by_rights_of_another_name(
    client: FlaskClient, auth_headers: Headers, rights: dict[str, Any]
) -> None:
    answer = client.get(USERS, query_string=rights, headers=auth_headers)

    assert_invalid(answer, next(iter(rights)), "unknown")
