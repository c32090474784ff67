"""Admins correct addresses."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import Account, Headers, open_login, try_login
from support.answers import verdict
from support.events import written
from support.mailbox import Mailbox
from support.paths import ME, REFRESH
from support.queued_mails import queued_mails
from support.rows import UNKNOWN_ID
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.registration.events import AccountEvent
from userapi.throttling.models import TrustedDevice

NEW = "augusta@example.com"


def correct(
    client: FlaskClient, path: str, headers: Headers, email: str = NEW, **more: object
) -> TestResponse:
    return client.put(f"{path}/email", json={"email": email, **more}, headers=headers)


def test_an_admin_corrects_an_address(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = correct(client, user.path, admin_headers, NEW.upper())

    corrected = answer.get_json()
    assert answer.status_code == 200
    assert (corrected["email"], corrected["email_verified"]) == (NEW, False)
    assert client.get(user.path, headers=admin_headers).get_json() == corrected
    assert try_login(client, NEW).status_code == 200
    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")


def test_both_addresses_are_told_and_the_new_one_is_to_be_proven(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    correct(client, user.path, admin_headers)

    mails = {(mail.template, mail.recipient) for mail in queued_mails(app, db_session)}
    assert mails == {
        ("email-corrected", user.email),
        ("email-corrected", NEW),
        ("email-verification", NEW),
    }
    purposes = db_session.scalars(select(OneTimeToken.purpose)).all()
    assert purposes == [Purpose.EMAIL_VERIFICATION]


def test_no_mail_about_a_corrected_address_tells_where_the_admin_is(
    client: FlaskClient, user: Account, admin_headers: Headers, mailbox: Mailbox
) -> None:
    correct(client, user.path, {**admin_headers, "User-Agent": "Firefox/120.0"})

    mailbox.deliver()

    (old,) = mailbox.all(to=user.email)
    assert "The former one\ncannot be used to sign in any more." in old.text
    texts = [mail.text for mail in mailbox.all()]
    assert len(texts) == 3
    assert [text for text in texts if "From:" in text] == []


def test_an_address_that_the_admin_knows_counts_as_proven(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    corrected = correct(client, user.path, admin_headers, verified=True).get_json()

    assert corrected["email_verified"] is True
    assert {mail.template for mail in queued_mails(app, db_session)} == {"email-corrected"}


def test_every_session_and_device_of_the_user_is_dead(
    client: FlaskClient, user: Account, admin_headers: Headers, db_session: Session
) -> None:
    login = open_login(client, user)

    correct(client, user.path, admin_headers)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401
    devices = select(TrustedDevice).where(TrustedDevice.user_id == user.id)
    assert db_session.scalars(devices).all() == []


def test_links_that_were_mailed_before_are_void(
    client: FlaskClient, user: Account, admin_headers: Headers, db_session: Session
) -> None:
    correct(client, user.path, admin_headers)
    before = db_session.scalars(select(OneTimeToken.id)).all()
    db_session.commit()

    correct(client, user.path, admin_headers, "third@example.com", verified=True)

    assert before
    assert db_session.scalars(select(OneTimeToken)).all() == []


def test_the_address_of_somebody_else_is_refused(
    client: FlaskClient, user: Account, other_user: Account, admin_headers: Headers
) -> None:
    answer = correct(client, user.path, admin_headers, other_user.email)

    assert verdict(answer) == (409, "email-taken")


def test_the_same_address_changes_nothing_but_its_proof(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    login = open_login(client, user)

    same = correct(client, user.path, admin_headers, user.email).get_json()
    proven = correct(client, user.path, admin_headers, user.email, verified=True).get_json()
    kept = correct(client, user.path, admin_headers, user.email).get_json()

    assert [it["email_verified"] for it in (same, proven, kept)] == [False, True, True]
    assert client.get(ME, headers=login.access).status_code == 200
    assert queued_mails(app, db_session) == []


@pytest.mark.any_database
def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = correct(client, f"/api/v1/users/{UNKNOWN_ID}", admin_headers)

    assert verdict(answer) == (404, "user-not-found")


def test_the_audit_trail_tells_by_whom_and_no_address(
    client: FlaskClient,
    user: Account,
    admin_user: Account,
    admin_headers: Headers,
    db_session: Session,
) -> None:
    correct(client, user.path, admin_headers)

    (event,) = [it for it in written(db_session) if it.event == AccountEvent.EMAIL_CHANGED]
    assert (event.actor_id, event.subject_id) == (admin_user.id, user.id)
    assert event.details == {"verified": False}
