"""Where too many passwords are being hashed, a registration is refused and may come again."""

import contextlib
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION
from support.answers import assert_problem
from support.hashing import busy_queue
from support.paths import USERS
from userapi.idempotency.models import IdempotencyKey
from userapi.kit.passwords import PasswordHasher
from userapi.users.models import User
from userapi.web.services import provided


@contextlib.contextmanager
def busy(app: Flask) -> Iterator[None]:
    """Have the application's passwords wait in a queue without a place during the block."""
    with app.app_context():
        passwords = provided(PasswordHasher)
    with busy_queue() as queue, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_queue", queue)
        yield


def count_of(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one-key"}])
def test_a_registration_without_a_place_leaves_nothing(
    app: Flask, client: FlaskClient, db_session: Session, headers: dict[str, str]
) -> None:
    with busy(app):
        answer = client.post(USERS, json=REGISTRATION, headers=headers)

    assert_problem(answer, 503, "hashing-busy")
    assert answer.headers["Retry-After"] == "5"
    assert [count_of(db_session, table) for table in (User, IdempotencyKey)] == [0, 0]


def test_the_same_request_is_taken_when_there_is_a_place(app: Flask, client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one-key"}
    with busy(app):
        refused = client.post(USERS, json=REGISTRATION, headers=headers)
    created = client.post(USERS, json=REGISTRATION, headers=headers)

    assert (refused.status_code, created.status_code) == (503, 201)
