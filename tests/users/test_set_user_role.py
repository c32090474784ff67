"""Roles that admins give; who must stay an admin is looked at in test_last_admin.py."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from posts.samples import POSTS, add_post_row
from support.accounts import Account, Headers
from support.answers import assert_invalid, verdict
from support.paths import ME, USERS
from support.rows import NOON, UNKNOWN_ID, add_user_row, column_of
from userapi.audit.models import AuditEvent
from userapi.users.events import UserEvent

pytestmark = pytest.mark.any_database


def role_path(account: Account) -> str:
    return f"{account.path}/role"


def role_changes(session: Session) -> list[dict[str, Any]]:
    """Return what the audit trail tells of changed roles, the first one first."""
    query = (
        select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.details)
        .where(AuditEvent.event == UserEvent.ROLE_CHANGED)
        .order_by(AuditEvent.id)
    )
    return [dict(row) for row in session.execute(query).mappings()]


@pytest.mark.parametrize("role", ["moderator", "admin"])
def test_an_admin_gives_a_role(
    client: FlaskClient, user: Account, admin_headers: Headers, role: str
) -> None:
    answer = client.put(role_path(user), json={"role": role}, headers=admin_headers)

    document = answer.get_json()
    assert answer.status_code == 200
    assert (document["id"], document["role"]) == (user.id, role)
    assert document["is_admin"] is (role == "admin")


def test_a_role_is_answered_as_it_is_read_later(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = client.put(role_path(user), json={"role": "moderator"}, headers=admin_headers)

    read = client.get(user.path, headers=admin_headers)
    assert answer.get_json() == read.get_json()
    assert answer.headers["ETag"] == read.headers["ETag"] == f'"{user.id}-2"'


def test_a_role_counts_from_the_next_request_on(
    client: FlaskClient, user: Account, auth_headers: Headers, admin_headers: Headers
) -> None:
    before = client.put(role_path(user), json={"role": "user"}, headers=auth_headers)

    client.put(role_path(user), json={"role": "admin"}, headers=admin_headers)

    assert verdict(before) == (403, "not-allowed")
    after = client.put(role_path(user), json={"role": "user"}, headers=auth_headers)
    assert after.status_code == 200


def test_a_role_is_gone_with_the_next_request(
    client: FlaskClient,
    db_session: Session,
    moderator_user: Account,
    moderator_headers: Headers,
    admin_headers: Headers,
) -> None:
    author = add_user_row(db_session, "author@example.com")
    post = f"{POSTS}/{add_post_row(db_session, author)}"

    client.put(role_path(moderator_user), json={"role": "user"}, headers=admin_headers)

    assert verdict(client.delete(post, headers=moderator_headers)) == (403, "not-allowed")
    assert client.get(ME, headers=moderator_headers).get_json()["role"] == "user"


def test_a_changed_role_is_written_down(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    client.put(role_path(user), json={"role": "moderator"}, headers=admin_headers)

    assert role_changes(db_session) == [
        {
            "actor_id": admin_user.id,
            "subject_id": user.id,
            "details": {"from": "user", "to": "moderator"},
        }
    ]


def test_the_same_role_again_changes_nothing(
    client: FlaskClient, db_session: Session, moderator_user: Account, admin_headers: Headers
) -> None:
    answer = client.put(
        role_path(moderator_user), json={"role": "moderator"}, headers=admin_headers
    )

    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{moderator_user.id}-1"'
    assert role_changes(db_session) == []


def test_a_refused_change_is_not_written_down(
    client: FlaskClient, db_session: Session, admin_user: Account, admin_headers: Headers
) -> None:
    client.put(role_path(admin_user), json={"role": "user"}, headers=admin_headers)

    assert role_changes(db_session) == []


def test_a_role_is_given_to_the_version_that_is_named(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    condition = {"If-Match": f'"{user.id}-1"'}

    answer = client.put(
        role_path(user), json={"role": "moderator"}, headers=admin_headers | condition
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
def test_another_version_is_left_as_it_is(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers, role: str
) -> None:
    condition = {"If-Match": f'"{user.id}-2"'}

    answer = client.put(role_path(user), json={"role": role}, headers=admin_headers | condition)

    assert verdict(answer) == (412, "stale-version")
    assert column_of(db_session, user.id, "role") == "user"


@pytest.mark.parametrize("role", ["user", "admin"])
def test_an_unknown_user_is_not_found(
    client: FlaskClient, admin_headers: Headers, role: str
) -> None:
    answer = client.put(f"{USERS}/{UNKNOWN_ID}/role", json={"role": role}, headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


@pytest.mark.parametrize("role", ["user", "admin"])
def test_a_deleted_user_is_not_found(
    client: FlaskClient, db_session: Session, admin_headers: Headers, role: str
) -> None:
    deleted = add_user_row(db_session, "a@example.com", deleted_at=NOON)

    answer = client.put(f"{USERS}/{deleted}/role", json={"role": role}, headers=admin_headers)

    assert verdict(answer) == (404, "user-not-found")


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
def test_moderators_give_no_roles_not_even_to_themselves(
    client: FlaskClient,
    db_session: Session,
    moderator_user: Account,
    moderator_headers: Headers,
    role: str,
) -> None:
    answer = client.put(role_path(moderator_user), json={"role": role}, headers=moderator_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert column_of(db_session, moderator_user.id, "role") == "moderator"


@pytest.mark.any_database
@pytest.mark.parametrize("role", ["Admin", "ADMIN", " admin", "root", "", "admin\u0000", "\ud800"])
def test_there_are_no_other_roles(
    client: FlaskClient, user: Account, admin_headers: Headers, role: str
) -> None:
    answer = client.put(role_path(user), json={"role": role}, headers=admin_headers)

    assert_invalid(answer, "/role", "choice")


@pytest.mark.any_database
@pytest.mark.parametrize("role", [1, True, [], {}, ["admin"]])
def test_a_role_is_a_text(
    client: FlaskClient, user: Account, admin_headers: Headers, role: object
) -> None:
    answer = client.put(role_path(user), json={"role": role}, headers=admin_headers)

    assert_invalid(answer, "/role", "type")


@pytest.mark.any_database
def test_a_role_has_to_be_named(client: FlaskClient, user: Account, admin_headers: Headers) -> None:
    answer = client.put(role_path(user), json={}, headers=admin_headers)

    assert_invalid(answer, "/role", "required")
