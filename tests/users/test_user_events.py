"""What of a user's life is written down."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers
from support.events import Written, written
from support.rows import set_columns

pytestmark = pytest.mark.any_database

Patch = Callable[..., TestResponse]


@pytest.fixture
def patch(client: FlaskClient, user: Account, admin_headers: Headers) -> Patch:
    """Change fields of `user` as the admin."""
    return lambda **fields: client.patch(user.path, json=fields, headers=admin_headers)


@pytest.fixture
def last(db_session: Session) -> Callable[[], Written]:
    """What was written down last."""
    return lambda: written(db_session)[-1]


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"first_name": "Augusta"}, ["first_name"]),
        ({"first_name": "Augusta", "last_name": "King"}, ["first_name", "last_name"]),
        ({"first_name": "Augusta", "last_name": "Lovelace"}, ["first_name"]),
        ({"first_name": "Augusta", "is_active": True}, ["first_name"]),
    ],
)
def test_a_change_names_the_fields_that_differ_now(
    patch: Patch, last: Callable[[], Written], fields: dict[str, Any], changed: list[str]
) -> None:
    user_id = patch(**fields).get_json()["id"]

    assert (last().event, last().subject_id) == ("user:updated", user_id)
    assert last().details == {"changed": changed}


def test_a_change_names_who_made_it(
    patch: Patch, last: Callable[[], Written], admin_user: Account
) -> None:
    patch(first_name="Augusta")

    assert last().actor_id == admin_user.id


@pytest.mark.parametrize("event", ["user:deactivated", "user:activated"])
def test_a_change_of_activity_outweighs_the_rest(
    db_session: Session, patch: Patch, last: Callable[[], Written], user: Account, event: str
) -> None:
    is_active = event == "user:activated"
    set_columns(db_session, user.id, is_active=not is_active)

    patch(is_active=is_active, last_name="King")

    assert last().event == event
    assert last().details == {"changed": ["last_name", "is_active"]}


@pytest.mark.parametrize(
    "fields", [{}, {"first_name": "Ada"}, {"is_active": True}, {"last_name": "Lovelace"}]
)
def test_what_is_so_already_is_no_change(
    patch: Patch, last: Callable[[], Written], fields: dict[str, Any]
) -> None:
    patch(**fields)

    assert last().event == "session:created"


def test_deactivating_again_is_no_change(
    db_session: Session, patch: Patch, last: Callable[[], Written], user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    patch(is_active=False)

    assert last().event == "session:created"


def test_a_deletion_is_written_down(
    client: FlaskClient,
    last: Callable[[], Written],
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    client.delete(user.path, headers=admin_headers)

    assert last() == Written("user:deleted", admin_user.id, user.id, None, {})


def test_the_refused_deactivation_of_the_last_admin_is_not_written_down(
    client: FlaskClient,
    last: Callable[[], Written],
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    answer = client.patch(admin_user.path, json={"is_active": False}, headers=admin_headers)

    assert answer.status_code == 409
    assert last().event == "session:created"


def test_the_refused_deletion_of_the_last_admin_is_not_written_down(
    client: FlaskClient,
    last: Callable[[], Written],
    admin_user: Account,
    admin_headers: Headers,
) -> None:
    answer = client.delete(admin_user.path, headers=admin_headers)

    assert answer.status_code == 409
    assert last().event == "session:created"
