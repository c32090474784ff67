"""Passwords that admins make void."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, try_login
from support.answers import assert_problem, verdict
from support.events import written
from support.paths import USERS
from support.reset_links import (
    NEW_PASSWORD,
    log_in_from,
    mailed_token,
    reset,
    statuses_of,
    waiting_mails,
)
from support.rows import UNKNOWN_ID, column_of


def path_of(account: Account) -> str:
    return f"{account.path}/password-reset"


def test_the_password_stops_working_at_once(
    client: FlaskClient, admin_headers: Headers, user: Account
) -> None:
    answer = client.post(path_of(user), headers=admin_headers)

    assert answer.status_code == 202
    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")


def test_all_sessions_and_devices_of_the_user_end(
    client: FlaskClient, admin_headers: Headers, user: Account
) -> None:
    login = log_in_from(client, user, PASSWORD)

    client.post(path_of(user), headers=admin_headers)

    assert statuses_of(client, login) == (401, 401)


def test_the_mailed_link_gives_the_user_a_password(
    client: FlaskClient, db_session: Session, admin_headers: Headers, user: Account
) -> None:
    client.post(path_of(user), headers=admin_headers)

    (mail,) = waiting_mails(client.application, db_session)
    assert (mail.template, mail.recipient) == ("password-reset-by-admin", user.email)
    assert reset(client, mail.token or "").status_code == 204
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200


def test_links_of_before_are_void(
    client: FlaskClient, db_session: Session, admin_headers: Headers, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)

    client.post(path_of(user), headers=admin_headers)

    assert_problem(reset(client, token), 403, "link-invalid")


def test_a_login_takes_as_long_as_any_other(
    client: FlaskClient, db_session: Session, admin_headers: Headers, user: Account
) -> None:
    before = column_of(db_session, user.id, "password_hash")
    db_session.commit()

    client.post(path_of(user), headers=admin_headers)

    after = column_of(db_session, user.id, "password_hash")
    assert after != before
    assert after.split("$")[:4] == before.split("$")[:4]


@pytest.mark.any_database
def test_nobody_else_may(
    client: FlaskClient, auth_headers: Headers, moderator_headers: Headers, user: Account
) -> None:
    for headers in (auth_headers, moderator_headers):
        assert_problem(client.post(path_of(user), headers=headers), 403, "not-allowed")


@pytest.mark.any_database
def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.post(f"{USERS}/{UNKNOWN_ID}/password-reset", headers=admin_headers)

    assert_problem(answer, 404, "user-not-found")


def test_what_happened_is_written_down(
    client: FlaskClient,
    db_session: Session,
    admin_headers: Headers,
    admin_user: Account,
    user: Account,
) -> None:
    client.post(path_of(user), headers=admin_headers)

    last = written(db_session)[-1]
    assert (last.event, last.actor_id, last.subject_id) == (
        "password:voided",
        admin_user.id,
        user.id,
    )
