"""What a registration must have, and what it may not."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, register
from support.answers import parameters, pointers, verdict
from support.paths import USERS
from userapi.users.models import User

pytestmark = pytest.mark.any_database


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 7),
        ("is_admin", True),
        ("is_admin", False),
        ("role", "admin"),
        ("role", "user"),
        ("is_active", False),
        ("full_name", "Alan Turing"),
        ("password_hash", "none"),
        ("created_at", "2026-01-31T09:30:00+00:00"),
        ("updated_at", "2026-01-31T09:30:00+00:00"),
        ("deleted_at", None),
    ],
)
def test_no_other_field_can_be_set(client: FlaskClient, field: str, value: Any) -> None:
    answer = register(client, **{field: value})

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["email", "password", "first_name", "last_name"])
def test_a_missing_field_is_named(client: FlaskClient, field: str) -> None:
    registration = {name: text for name, text in REGISTRATION.items() if name != field}

    answer = client.post(USERS, json=registration)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", None),
        ("email", ""),
        ("email", 7),
        ("email", "alan"),
        ("email", "alan@"),
        ("email", "@example.com"),
        ("email", "alan turing@example.com"),
        ("email", f"alan@{'x' * 250}.com"),
        ("password", None),
        ("password", 12345678),
        ("password", "x" * 7),
        ("password", "x" * 129),
        ("first_name", None),
        ("first_name", ""),
        ("first_name", "x" * 101),
        ("first_name", 7),
        ("last_name", None),
        ("last_name", ""),
        ("last_name", "x" * 101),
        ("last_name", ["Turing"]),
    ],
)
def test_a_bad_value_is_refused_by_name(client: FlaskClient, field: str, value: Any) -> None:
    answer = register(client, **{field: value})

    assert verdict(answer) == (400, "invalid-input")
    assert set(pointers(answer)) == {f"/{field}"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "x" * 8),
        ("password", "x" * 128),
        ("password", "ö" * 128),
        ("first_name", "x"),
        ("first_name", "ö" * 100),
        ("last_name", "x"),
        ("last_name", "ö" * 100),
    ],
)
def test_the_limits_themselves_are_allowed(client: FlaskClient, field: str, value: str) -> None:
    answer = register(client, **{field: value})

    assert answer.status_code == 201


@pytest.mark.any_database
def test_every_mistake_is_named_at_once(client: FlaskClient) -> None:
    answer = register(client, email="alan", password="short", is_admin=True)

    assert set(pointers(answer)) == {"/email", "/password", "/is_admin"}


def test_a_refused_registration_makes_no_user(client: FlaskClient, db_session: Session) -> None:
    register(client, is_admin=True)

    assert db_session.scalar(select(func.count()).select_from(User)) == 0


@pytest.mark.any_database
def test_a_refusal_does_not_repeat_the_password(client: FlaskClient) -> None:
    password = "qwertz!" * 20

    body = register(client, password=password).text

    assert "qwertz" not in body


@pytest.mark.any_database
def test_a_list_is_not_a_registration(client: FlaskClient) -> None:
    answer = client.post(USERS, json=[])

    assert answer.status_code == 400
    assert pointers(answer) == [""]


@pytest.mark.any_database
def test_a_registration_takes_no_parameters(client: FlaskClient) -> None:
    answer = client.post(f"{USERS}?is_admin=true", json=REGISTRATION)

    assert answer.status_code == 400
    assert parameters(answer) == ["is_admin"]
