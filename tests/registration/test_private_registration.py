"""Registration whose answer does not tell whether the address is taken."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from support.accounts import REGISTRATION, Account, log_in, register, try_login
from support.addresses import leave_unproven, prove, verify, waiting
from support.answers import all_but_the_name, verdict
from support.mailbox import Mailbox
from support.paths import ME, USERS
from support.rows import column_of, set_columns
from support.smtp import Mood
from support.statements import statements_on
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.registration.models import PendingRegistration
from userapi.registration.services.waiting import PendingRetention
from userapi.web.services import provided

ALAN = REGISTRATION["email"]
FREE = "free@example.com"

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("private")]


@pytest.fixture(params=["a member's", "an admin's"])
def taken(request: pytest.FixtureRequest, db_session: Session, user: Account) -> Account:
    """An account that has proven its address."""
    prove(db_session, user.id)
    if request.param == "an admin's":
        set_columns(db_session, user.id, role=Role.ADMIN)
    return user


def register_with(client: FlaskClient, key: str, **changes: Any) -> TestResponse:
    """Register so that it can be sent again."""
    headers = {"Idempotency-Key": key}
    return client.post(USERS, json=REGISTRATION | changes, headers=headers)


def test_s17_a_taken_and_a_free_address_get_the_same_answer(
    client: FlaskClient, taken: Account
) -> None:
    answers = [register(client, email=email) for email in (taken.email, FREE)]

    assert answers[0].status_code == 202
    assert all_but_the_name(answers[0]) == all_but_the_name(answers[1])


def test_s17_both_send_the_same_statements(
    client: FlaskClient, connection: Connection, taken: Account
) -> None:
    register(client, email="first@example.com")  # what is prepared once

    with statements_on(connection) as known:
        register(client, email=taken.email)
    with statements_on(connection) as unknown:
        register(client, email=FREE)

    plain = [[re.sub(r"savepoint_\d+", "", it) for it in sent] for sent in (known, unknown)]
    assert plain[0] == plain[1]


def test_s17_both_hash_the_password(
    client: FlaskClient, taken: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def remember(_: PasswordHasher, password: str) -> str:
        hashed.append(password)
        return "a hash"

    monkeypatch.setattr(PasswordHasher, "hash", remember)
    for email in (taken.email, FREE):
        register(client, email=email)

    assert hashed == [REGISTRATION["password"]] * 2


def test_s17_both_are_answered_alike_when_they_are_sent_again(
    client: FlaskClient, taken: Account
) -> None:
    answers = [
        [all_but_the_name(register_with(client, f"key-of-{email}", email=email)) for _ in range(2)]
        for email in (taken.email, FREE)
    ]

    assert answers[0] == answers[1]
    assert ("Idempotency-Replayed", "true") in answers[0][1][1]


def test_s17_what_is_sent_again_mails_nothing_again(
    client: FlaskClient, mailbox: Mailbox, taken: Account
) -> None:
    for email in (taken.email, FREE):
        for _ in range(2):
            register_with(client, f"key-of-{email}", email=email)
    mailbox.deliver()

    assert [len(mailbox.all(to=email)) for email in (taken.email, FREE)] == [1, 1]


def test_s17_a_server_that_takes_no_mail_changes_no_answer(
    client: FlaskClient, mailbox: Mailbox, taken: Account
) -> None:
    mailbox.server.mood = Mood.DEAD

    answers = [register(client, email=email) for email in (taken.email, FREE)]
    mailbox.deliver()

    assert all_but_the_name(answers[0]) == all_but_the_name(answers[1])


def test_s17_many_mails_to_one_mailbox_change_no_answer(
    client: FlaskClient, taken: Account
) -> None:
    answers = [
        all_but_the_name(register(client, email=email))
        for email in (taken.email, FREE)
        for _ in range(8)
    ]

    assert [answer == answers[0] for answer in answers] == [True] * len(answers)


def test_a_free_address_gets_a_link_and_no_account_yet(
    client: FlaskClient, mailbox: Mailbox
) -> None:
    register(client)
    mailbox.deliver()

    assert mailbox.last(to=ALAN).subject == "Confirm your registration"
    refused = try_login(client, ALAN, REGISTRATION["password"])
    assert verdict(refused) == (401, "invalid-credentials")


def test_the_link_makes_the_account(client: FlaskClient, mailbox: Mailbox) -> None:
    register(client, language="de")
    mailbox.deliver()

    answer = verify(client, mailbox.last(to=ALAN).token)

    assert answer.get_json() == {"email": ALAN, "email_verified": True}
    headers = log_in(client, Account(0, ALAN, REGISTRATION["password"]))
    profile = client.get(ME, headers=headers).get_json()
    assert (profile["email_verified"], profile["language"]) == (True, "de")


def test_the_mail_is_in_the_language_of_the_registration(
    client: FlaskClient, mailbox: Mailbox
) -> None:
    register(client, language="de")
    mailbox.deliver()

    assert mailbox.last(to=ALAN).subject != "Confirm your registration"


def test_the_owner_of_a_taken_address_is_told_without_a_link(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, taken: Account
) -> None:
    register(client, email=taken.email.upper())
    mailbox.deliver()

    mail = mailbox.last(to=taken.email)
    assert mail.subject == "You have an account already"
    assert "uao_" not in mail.text + mail.html
    assert column_of(db_session, taken.id, "deleted_at") is None


def test_an_address_that_was_never_proven_is_given_to_who_proves_it(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    leave_unproven(db_session, user.id)
    register(client, email=user.email)
    mailbox.deliver()

    assert verify(client, mailbox.last(to=user.email).token).status_code == 200
    assert column_of(db_session, user.id, "deleted_at") is not None


def test_a_younger_account_is_told(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    leave_unproven(db_session, user.id, timedelta(days=1))
    register(client, email=user.email)
    mailbox.deliver()

    assert mailbox.last(to=user.email).subject == "You have an account already"


def test_what_waits_for_too_long_makes_no_account_and_is_forgotten(
    app: Flask, client: FlaskClient, db_session: Session, mailbox: Mailbox
) -> None:
    register(client)
    mailbox.deliver()
    # The link works still; what it was mailed for does not.
    db_session.execute(
        update(PendingRegistration).values(expires_at=PendingRegistration.created_at)
    )
    db_session.commit()

    assert verdict(verify(client, mailbox.last(to=ALAN).token)) == (403, "link-invalid")
    with app.app_context():
        assert provided(PendingRetention).delete_expired() == 1
    assert waiting(db_session) == 0
