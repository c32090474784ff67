"""Following a link: what it needs, what it ends, and what makes it void."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, try_login
from support.answers import assert_invalid, assert_problem, verdict
from support.events import written
from support.logins import buckets_of
from support.reset_links import (
    NEW_PASSWORD,
    expire_tokens,
    forget,
    log_in_from,
    mail_links,
    mailed_token,
    reset,
    statuses_of,
    waiting_mails,
)
from support.rows import NOON, column_of, set_columns
from userapi.kit.clock import utc_now
from userapi.kit.passwords import PasswordHasher
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.passwords.services.resetting import PasswordResetService
from userapi.throttling.models import LoginThrottle
from userapi.web.services import provided


def printed_token(app: Flask, email: str) -> str:
    with app.app_context():
        return provided(PasswordResetService).issue_link(email).url.partition("#")[2]


def test_the_new_password_logs_in_and_the_old_one_does_not(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    answer = reset(client, mailed_token(client, db_session, user.email))

    assert (answer.status_code, answer.data) == (204, b"")
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200
    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")


def test_s8_a_link_works_once(client: FlaskClient, db_session: Session, user: Account) -> None:
    token = mailed_token(client, db_session, user.email)
    reset(client, token)

    assert_problem(reset(client, token, "another one"), 403, "link-invalid")
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200


def test_every_session_and_device_of_the_account_is_dead(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    logins = [log_in_from(client, user, PASSWORD) for _ in range(3)]

    reset(client, mailed_token(client, db_session, user.email))

    assert [statuses_of(client, login) for login in logins] == [(401, 401)] * 3
    for login in logins:
        again = log_in_from(client, user, NEW_PASSWORD, login.device_token)
        assert again.device_token != login.device_token


@pytest.mark.any_database
@pytest.mark.parametrize("token", ["uao_nobody-has-this-one", "x", "uad_x", "\u00e9"])
def test_a_token_that_never_was_is_refused(client: FlaskClient, token: str) -> None:
    assert_problem(reset(client, token), 403, "link-invalid")


def test_nothing_is_hashed_for_a_token_that_does_not_work(
    client: FlaskClient, db_session: Session, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = mailed_token(client, db_session, user.email)
    set_columns(db_session, user.id, password_hash="another")
    hashed: list[str] = []
    monkeypatch.setattr(PasswordHasher, "hash", lambda _, password: hashed.append(password))

    answers = [reset(client, it) for it in ("uao_never", token)]

    assert [verdict(it) for it in answers] == [(403, "link-invalid")] * 2
    assert hashed == []


def test_an_expired_link_is_refused(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)
    expire_tokens(db_session)

    assert_problem(reset(client, token), 403, "link-invalid")


@pytest.mark.parametrize("column", ["password_hash", "email", "deleted_at"])
def test_a_link_is_void_once_what_it_is_bound_to_has_changed(
    client: FlaskClient, db_session: Session, user: Account, column: str
) -> None:
    token = mailed_token(client, db_session, user.email)
    changed = {"password_hash": "another", "email": "new@example.com", "deleted_at": NOON}
    set_columns(db_session, user.id, **{column: changed[column]})

    assert_problem(reset(client, token), 403, "link-invalid")


def test_a_link_is_void_when_that_changes_while_the_new_password_is_hashed(
    client: FlaskClient, db_session: Session, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = mailed_token(client, db_session, user.email)
    compute = PasswordHasher.hash

    def hash_and_change(hasher: PasswordHasher, password: str) -> str:
        client.application.extensions["sqlalchemy"].session.close()
        set_columns(db_session, user.id, email="new@example.com")
        return compute(hasher, password)

    monkeypatch.setattr(PasswordHasher, "hash", hash_and_change)

    assert_problem(reset(client, token), 403, "link-invalid")


def test_a_token_for_something_else_resets_nothing(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)
    db_session.execute(update(OneTimeToken).values(purpose=Purpose.EMAIL_VERIFICATION))
    db_session.commit()

    assert_problem(reset(client, token), 403, "link-invalid")


def test_a_refused_password_does_not_use_the_link_up(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)

    assert_invalid(reset(client, token, "e\u0301" * 4), "/new_password", "length")
    assert reset(client, token).status_code == 204


def test_a_use_makes_all_other_links_void(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    first, second = (mailed_token(client, db_session, user.email) for _ in range(2))

    reset(client, first)

    assert_problem(reset(client, second), 403, "link-invalid")


def test_a_lockout_of_the_address_is_lifted(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    buckets = buckets_of(client.application)
    for bucket in (buckets.of_account(user.email), buckets.of_proof(user.id)):
        until = utc_now() + timedelta(hours=1)
        row = LoginThrottle(
            bucket=bucket, failures=50, blocked_until=until, last_failed_at=utc_now()
        )
        db_session.add(row)
    db_session.commit()

    reset(client, mailed_token(client, db_session, user.email))

    assert db_session.query(LoginThrottle).count() == 0


def test_a_mailed_link_proves_the_address(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    reset(client, mailed_token(client, db_session, user.email))

    assert column_of(db_session, user.id, "email_verified_at") is not None


def test_an_address_that_was_proven_before_stays_so(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, email_verified_at=NOON)

    reset(client, mailed_token(client, db_session, user.email))

    assert column_of(db_session, user.id, "email_verified_at") == NOON


def test_a_printed_link_works_and_proves_nothing(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    answer = reset(client, printed_token(client.application, user.email))

    assert answer.status_code == 204
    assert column_of(db_session, user.id, "email_verified_at") is None


def test_whoever_was_deactivated_is_so_still(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    answer = reset(client, mailed_token(client, db_session, user.email))

    assert answer.status_code == 204
    login = try_login(client, user.email, NEW_PASSWORD)
    assert verdict(login) == (401, "account-deactivated")


def test_the_owner_is_told_by_mail(client: FlaskClient, db_session: Session, user: Account) -> None:
    reset(client, mailed_token(client, db_session, user.email))

    mails = [(it.template, it.recipient) for it in waiting_mails(client.application, db_session)]
    assert mails[-1] == ("password-changed", user.email)


def test_what_happened_is_written_down(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    reset(client, mailed_token(client, db_session, user.email))

    last = written(db_session)[-1]
    assert (last.event, last.actor_id, last.subject_id) == ("password:reset", user.id, user.id)
    assert last.details == {"delivery": "mailed"}


def test_s19_nothing_but_a_post_uses_a_link_up(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    token = mailed_token(client, db_session, user.email)
    path = f"/api/v1/auth/password/reset?token={token}"

    statuses = [client.open(path, method=it).status_code for it in ("GET", "HEAD", "PUT")]

    assert statuses == [405, 405, 405]
    assert reset(client, token).status_code == 204


def test_a_link_that_was_asked_for_before_another_reset_is_void(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, user.email)
    reset(client, printed_token(client.application, user.email))
    mail_links(client.application, db_session)

    # The mail comes after the reset, so its link is for the new password.
    token = waiting_mails(client.application, db_session)[-1].token
    assert token is not None
    assert reset(client, token, "yet another one").status_code == 204
