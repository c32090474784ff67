"""Asking for the link once more: the same for everybody."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from support.accounts import Account, register
from support.addresses import leave_unproven, prove, resend, verify
from support.answers import all_but_the_name, verdict
from support.mailbox import Mailbox
from support.rows import NOON, set_columns
from support.smtp import Mood
from support.statements import statements_on
from userapi.outbox.models import Job
from userapi.registration.services.verification import RESEND

NOBODY = "nobody@example.com"
WAITS = "alan@example.com"
KINDS = ["unproven", "proven", "deactivated", "deleted", "waiting"]


def arrange(client: FlaskClient, session: Session, user: Account, kind: str) -> str:
    """Make an address of that kind, and return it."""
    if kind == "unproven":
        leave_unproven(session, user.id)
    if kind == "proven":
        prove(session, user.id)
    if kind == "deactivated":
        set_columns(session, user.id, is_active=False)
    if kind == "deleted":
        set_columns(session, user.id, deleted_at=NOON)
    if kind == "waiting":
        register(client, email=WAITS)
        return WAITS
    return user.email


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("kind", KINDS)
def test_s17_every_address_gets_the_same_answer(
    client: FlaskClient, db_session: Session, user: Account, kind: str
) -> None:
    email = arrange(client, db_session, user, kind)

    known, unknown = resend(client, email), resend(client, NOBODY)

    assert known.status_code == 202
    assert all_but_the_name(known) == all_but_the_name(unknown)


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("kind", KINDS)
def test_s17_every_address_sends_the_same_statements(
    client: FlaskClient, connection: Connection, db_session: Session, user: Account, kind: str
) -> None:
    email = arrange(client, db_session, user, kind)
    resend(client, "first@example.com")  # what is prepared once

    with statements_on(connection) as known:
        resend(client, email)
    with statements_on(connection) as unknown:
        resend(client, NOBODY)

    plain = [[re.sub(r"savepoint_\d+", "", it) for it in sent] for sent in (known, unknown)]
    assert plain[0] == plain[1]


def test_the_job_names_no_address(client: FlaskClient, db_session: Session, user: Account) -> None:
    resend(client, user.email)
    resend(client, NOBODY)

    found = db_session.execute(select(Job.key, Job.payload).where(Job.kind == RESEND)).all()
    assert {payload["user_id"] for _, payload in found} == {user.id, None}
    assert "example.com" not in json.dumps([[*row] for row in found])


@pytest.mark.parametrize("kind", ["proven", "deleted"])
def test_nobody_is_mailed_without_need(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account, kind: str
) -> None:
    resend(client, arrange(client, db_session, user, kind))
    resend(client, NOBODY)
    mailbox.deliver()

    assert mailbox.all() == []


def test_an_account_that_is_not_proven_gets_a_link(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    resend(client, arrange(client, db_session, user, "unproven"))
    mailbox.deliver()

    assert verify(client, mailbox.last(to=user.email).token).status_code == 200


@pytest.mark.usefixtures("private")
def test_a_registration_that_waits_gets_a_link(client: FlaskClient, mailbox: Mailbox) -> None:
    register(client, email=WAITS)
    resend(client, WAITS)
    mailbox.deliver()

    first, second = [mail.token for mail in mailbox.all(to=WAITS)]
    assert verify(client, second).status_code == 200
    assert verdict(verify(client, first)) == (403, "link-invalid")


def test_asking_again_and_again_fills_no_mailbox_and_voids_no_link(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    email = arrange(client, db_session, user, "unproven")
    answers = []
    for _ in range(20):
        answers.append(resend(client, email))
        mailbox.deliver()

    assert {all_but_the_name(answer)[2] for answer in answers} == {answers[0].data}
    mails = mailbox.all(to=email)
    assert len(mails) == 5
    assert verify(client, mails[-1].token).status_code == 200


@pytest.mark.parametrize("mood", [Mood.UP, Mood.DEAD])
def test_s17_the_answer_tells_nothing_of_the_mail_server(
    client: FlaskClient, mailbox: Mailbox, user: Account, mood: Mood
) -> None:
    mailbox.server.mood = mood

    known, unknown = resend(client, user.email), resend(client, NOBODY)
    mailbox.deliver()

    assert all_but_the_name(known) == all_but_the_name(unknown)


def test_an_account_of_before_is_found_by_its_own_spelling(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    spelling = '"ada"@example.com'
    set_columns(db_session, user.id, email=spelling)
    resend(client, spelling)
    mailbox.deliver()

    assert verify(client, mailbox.all()[-1].token).get_json()["email"] == spelling


def test_one_address_has_one_job_at_a_time(
    app: Flask, client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(3):
        resend(client, user.email)

    assert len(db_session.execute(select(Job.id).where(Job.kind == RESEND)).all()) == 1


def test_who_registered_in_place_of_an_account_is_not_sent_the_link_of_that_account(
    client: FlaskClient, mailbox: Mailbox, db_session: Session, user: Account
) -> None:
    leave_unproven(db_session, user.id)
    register(client, email=user.email)
    mailbox.deliver()
    mailbox.clear()

    resend(client, user.email)
    mailbox.deliver()

    assert mailbox.last(to=user.email).subject == "Confirm your registration"
