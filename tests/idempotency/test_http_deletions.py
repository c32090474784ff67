"""What a deletion removes, the answers that were kept of it go with it."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from idempotency.keyed import keys_in, posts_in, publish, register, rows_in
from posts.samples import DRAFT
from support.accounts import REGISTRATION, Account, Headers
from support.answers import assert_problem
from support.paths import USERS
from userapi.idempotency.models import IdempotencyKey
from userapi.users.models import User

pytestmark = pytest.mark.any_database


def delete(client: FlaskClient, created: TestResponse, headers: Headers) -> None:
    answer = client.delete(created.headers["Location"], headers=headers)
    assert answer.status_code == 204


def stored(session: Session) -> str:
    """Return all rows in words."""
    return json.dumps(rows_in(session), default=str)


def test_a_registration_of_a_deleted_user_is_not_answered_again(
    client: FlaskClient, admin_headers: Headers
) -> None:
    delete(client, register(client), admin_headers)

    assert_problem(register(client), 409, "idempotency-answer-withdrawn")


def test_nothing_is_kept_of_a_deleted_user(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    delete(client, register(client), admin_headers)

    row = stored(db_session)
    for value in (REGISTRATION["email"], REGISTRATION["last_name"], "Location"):
        assert value not in row


def test_the_same_key_registers_nobody_anew(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    delete(client, register(client), admin_headers)
    for _ in range(2):
        register(client)

    living = db_session.query(User).filter_by(email=REGISTRATION["email"], deleted_at=None)
    assert living.count() == 0


def test_another_key_does(client: FlaskClient, admin_headers: Headers) -> None:
    first = register(client)
    delete(client, first, admin_headers)

    again = register(client, "another-key")

    assert again.status_code == 201
    assert again.headers["Location"] != first.headers["Location"]


def test_another_body_is_refused_as_ever(client: FlaskClient, admin_headers: Headers) -> None:
    delete(client, register(client), admin_headers)

    answer = register(client, password="a wrong guess")

    assert_problem(answer, 409, "idempotency-key-reused")


def test_what_a_deleted_user_was_answered_is_deleted(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    auth_headers: Headers,
    admin_headers: Headers,
) -> None:
    publish(client, auth_headers)

    client.delete(user.path, headers=admin_headers)

    assert keys_in(db_session) == 0


def test_what_others_were_answered_stays(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    other_headers: Headers,
    admin_headers: Headers,
) -> None:
    publish(client, other_headers)
    registered = register(client)

    client.delete(user.path, headers=admin_headers)

    assert register(client).data == registered.data
    assert keys_in(db_session) == 2


def test_a_user_whose_number_begins_alike_is_another_one(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    registered = register(client)
    row = db_session.query(IdempotencyKey).one()
    row.resource = f"{row.resource}0"
    db_session.commit()

    delete(client, registered, admin_headers)

    assert REGISTRATION["email"] in stored(db_session)


def test_a_deleted_post_is_not_answered_again(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    delete(client, publish(client, auth_headers), auth_headers)

    assert_problem(publish(client, auth_headers), 409, "idempotency-answer-withdrawn")
    assert posts_in(db_session) == 0
    assert DRAFT["content"] not in stored(db_session)


def test_a_deletion_that_is_refused_leaves_the_answer(
    client: FlaskClient, user: Account, admin_user: Account, auth_headers: Headers
) -> None:
    first = register(client)
    client.delete(first.headers["Location"], headers=auth_headers)
    client.delete(f"{USERS}/{admin_user.id}", headers=auth_headers)

    assert register(client).data == first.data
