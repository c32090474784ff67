"""Changing one's own password over HTTP."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import PASSWORD, Account, Headers, try_login
from support.answers import assert_invalid, assert_problem, verdict
from support.events import written
from support.paths import ME, PASSWORD_CHANGE
from support.reset_links import (
    NEW_PASSWORD,
    log_in_from,
    mailed_token,
    reset,
    statuses_of,
    waiting_mails,
)
from support.rows import column_of, set_columns
from userapi.kit.passwords import HashingCost, PasswordHasher

COMPOSED, DECOMPOSED = "caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me"


def change(
    client: FlaskClient, headers: Headers, current: str = PASSWORD, new: str = NEW_PASSWORD
) -> TestResponse:
    body = {"current_password": current, "new_password": new}
    return client.post(PASSWORD_CHANGE, json=body, headers=headers)


def test_the_new_password_logs_in_and_the_old_one_does_not(
    client: FlaskClient, auth_headers: Headers, user: Account
) -> None:
    answer = change(client, auth_headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200
    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")


def test_all_other_sessions_end_with_every_token_and_the_callers_goes_on(
    client: FlaskClient, user: Account
) -> None:
    own, other = (log_in_from(client, user, PASSWORD) for _ in range(2))

    change(client, own.access)

    assert statuses_of(client, other) == (401, 401)
    assert statuses_of(client, own) == (200, 200)


def test_no_other_device_is_known_any_longer(client: FlaskClient, user: Account) -> None:
    own, other = (log_in_from(client, user, PASSWORD) for _ in range(2))

    change(client, own.access)

    again = [
        log_in_from(client, user, NEW_PASSWORD, it.device_token).device_token for it in (own, other)
    ]
    assert again[0] == own.device_token
    assert again[1] != other.device_token


def test_nobody_elses_sessions_end(
    client: FlaskClient, auth_headers: Headers, other_headers: Headers
) -> None:
    change(client, auth_headers)

    assert client.get(ME, headers=other_headers).status_code == 200


def test_a_wrong_password_is_403_and_the_session_goes_on(
    client: FlaskClient, db_session: Session, auth_headers: Headers, user: Account
) -> None:
    before = column_of(db_session, user.id, "password_hash")
    db_session.commit()

    answer = change(client, auth_headers, current="not my password")

    assert_problem(answer, 403, "wrong-password")
    assert column_of(db_session, user.id, "password_hash") == before
    assert client.get(ME, headers=auth_headers).status_code == 200


def test_s22_another_users_password_proves_nothing(
    client: FlaskClient, db_session: Session, auth_headers: Headers, other_user: Account
) -> None:
    cheap = HashingCost(time_cost=1, memory_cost=8, parallelism=1)
    others = PasswordHasher(cost=cheap).hash("the other one's")
    set_columns(db_session, other_user.id, password_hash=others)

    assert verdict(change(client, auth_headers, "the other one's")) == (403, "wrong-password")


@pytest.mark.any_database
def test_a_weak_password_is_named_before_the_current_one_is_looked_at(
    client: FlaskClient, auth_headers: Headers
) -> None:
    answer = change(client, auth_headers, current="not my password", new="e\u0301" * 4)

    assert_invalid(answer, "/new_password", "length")


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["current_password", "new_password"])
def test_s42_a_password_that_nobody_can_have_is_not_tried(
    client: FlaskClient, auth_headers: Headers, field: str
) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, field: "x" * 1_000_000}

    answer = client.post(PASSWORD_CHANGE, json=body, headers=auth_headers)

    assert answer.status_code in (400, 413)


def test_the_current_password_may_be_composed_in_another_way(
    client: FlaskClient, auth_headers: Headers
) -> None:
    first = change(client, auth_headers, new=DECOMPOSED)
    second = change(client, auth_headers, current=COMPOSED)

    assert (first.status_code, second.status_code) == (204, 204)


def test_the_owner_is_told_by_mail(
    client: FlaskClient, db_session: Session, auth_headers: Headers, user: Account
) -> None:
    change(client, auth_headers)

    (mail,) = waiting_mails(client.application, db_session)
    assert (mail.template, mail.recipient) == ("password-changed", user.email)


def test_links_of_before_are_void(
    client: FlaskClient, db_session: Session, auth_headers: Headers, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)

    change(client, auth_headers)

    assert verdict(reset(client, token)) == (403, "link-invalid")


def test_what_happened_is_written_down(
    client: FlaskClient, db_session: Session, auth_headers: Headers, user: Account
) -> None:
    change(client, auth_headers, current="not my password")
    change(client, auth_headers)

    events = [(it.event, it.actor_id, it.subject_id) for it in written(db_session)[1:]]
    assert events == [
        ("password:refused", user.id, user.id),
        ("password:changed", user.id, user.id),
    ]
