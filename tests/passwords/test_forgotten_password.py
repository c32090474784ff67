"""Asking for a link: the same for everybody, and a mail for those who have an account."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from support.accounts import Account, try_login
from support.answers import all_but_the_name
from support.events import written
from support.reset_links import (
    forget,
    mail_links,
    mailed_token,
    reset,
    waiting_mails,
)
from support.rows import NOON, column_of, set_columns
from support.statements import statements_on
from userapi.mail.service import Mailer
from userapi.one_time_tokens.models import OneTimeToken
from userapi.outbox.models import Job
from userapi.passwords.records import RESET_LIFETIME
from userapi.passwords.services.forgetting import FORGOTTEN, ForgottenPasswords
from userapi.web.services import provided

NOBODY = "nobody@example.com"
KNOWN: dict[str, dict[str, Any]] = {
    "active": {},
    "deactivated": {"is_active": False},
    "deleted": {"deleted_at": NOON},
    "never proven": {"email_verified_at": None},
}


def jobs(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """Return the keys and the payloads of the jobs that wait."""
    found = session.execute(select(Job.key, Job.payload).where(Job.kind == FORGOTTEN)).all()
    return [(key, payload) for key, payload in found]


@pytest.mark.parametrize("kind", KNOWN)
def test_s17_a_known_and_an_unknown_address_get_the_same_answer(
    client: FlaskClient, db_session: Session, user: Account, kind: str
) -> None:
    if KNOWN[kind]:
        set_columns(db_session, user.id, **KNOWN[kind])

    known, unknown = forget(client, user.email), forget(client, NOBODY)

    assert known.status_code == 202
    assert all_but_the_name(known) == all_but_the_name(unknown)


@pytest.mark.parametrize("kind", KNOWN)
def test_s17_both_send_the_same_statements(
    client: FlaskClient, connection: Connection, db_session: Session, user: Account, kind: str
) -> None:
    if KNOWN[kind]:
        set_columns(db_session, user.id, **KNOWN[kind])
    forget(client, "first@example.com")  # what is prepared once

    with statements_on(connection) as known:
        forget(client, user.email)
    with statements_on(connection) as unknown:
        forget(client, NOBODY)

    plain = [[re.sub(r"savepoint_\d+", "", it) for it in sent] for sent in (known, unknown)]
    assert plain[0] == plain[1]


def test_both_leave_a_job_that_names_no_address(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, user.email)
    forget(client, NOBODY)

    found = jobs(db_session)
    assert {payload["user_id"] for _, payload in found} == {user.id, None}
    assert "example.com" not in json.dumps(found)


def test_only_an_account_gets_a_mail(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, NOBODY)
    forget(client, user.email.upper())

    mail_links(client.application, db_session)

    (mail,) = waiting_mails(client.application, db_session)
    assert (mail.template, mail.recipient) == ("password-reset", user.email)


def test_the_mail_tells_where_the_request_came_from(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, user.email)
    mail_links(client.application, db_session)

    (mail,) = waiting_mails(client.application, db_session)
    assert mail.values["address"] == "127.0.0.1"
    assert mail.values["user_agent"].startswith("Werkzeug")
    assert "at" in mail.values


def test_a_link_works_for_30_minutes(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    mailed_token(client, db_session, user.email)

    token = db_session.scalars(select(OneTimeToken)).one()
    assert token.expires_at - token.created_at == RESET_LIFETIME
    assert RESET_LIFETIME.total_seconds() == 30 * 60


def test_an_account_that_was_deleted_meanwhile_gets_no_mail(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, user.email)
    set_columns(db_session, user.id, deleted_at=NOON)

    mail_links(client.application, db_session)

    assert waiting_mails(client.application, db_session) == []


def test_asking_changes_nothing_else(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    before = column_of(db_session, user.id, "password_hash")
    db_session.commit()

    mailed_token(client, db_session, user.email)

    assert column_of(db_session, user.id, "password_hash") == before
    assert try_login(client, user.email).status_code == 200


def test_while_one_waits_asking_again_does_nothing(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(5):
        forget(client, user.email)

    assert len(jobs(db_session)) == 1


def test_links_of_before_work_still_the_newest_three(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    tokens = [mailed_token(client, db_session, user.email) for _ in range(2)]

    assert reset(client, tokens[0]).status_code == 204


def test_what_is_not_mailed_makes_no_link_void(
    client: FlaskClient, db_session: Session, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = mailed_token(client, db_session, user.email)
    monkeypatch.setattr(Mailer, "put", lambda *_: False)
    for _ in range(4):
        forget(client, user.email)
        mail_links(client.application, db_session)

    assert reset(client, token).status_code == 204


def test_s15_the_host_of_the_request_is_no_part_of_the_mail(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    hosts = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    client.post("/api/v1/auth/password/forgot", json={"email": user.email}, headers=hosts)
    mail_links(client.application, db_session)

    (mail,) = waiting_mails(client.application, db_session)
    assert "evil" not in repr(mail)


def test_a_job_that_is_run_twice_mails_two_links_that_work(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, user.email)
    ((_, payload),) = jobs(db_session)
    with client.application.app_context():
        for _ in range(2):
            provided(ForgottenPasswords).mail_link(payload)

    first, _ = waiting_mails(client.application, db_session)
    assert reset(client, first.token or "").status_code == 204


def test_both_requests_and_the_link_are_written_down(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    forget(client, NOBODY)
    mailed_token(client, db_session, user.email)

    events = [(it.event, it.actor_id, it.subject_id, it.details) for it in written(db_session)]
    assert events == [
        ("password:forgotten", None, None, {}),
        ("password:forgotten", None, user.id, {}),
        ("password:link-issued", None, user.id, {"delivery": "mailed"}),
    ]
