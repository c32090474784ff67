"""Another address for an account: it counts once it is proven."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, log_in, open_login, register, try_login
from support.addresses import NEW, change_email, leave_unproven, prove, undo, verify
from support.answers import all_but_the_name, assert_problem, verdict
from support.events import written
from support.logins import buckets_of
from support.mailbox import Mailbox
from support.paths import LOGIN, ME, OWN_EVENTS, REFRESH
from support.reset_links import forget
from support.rows import NOON, column_of, set_columns
from support.statements import statements_on
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.registration.policy import MAX_CHANGES
from userapi.throttling.models import LoginThrottle


@pytest.fixture
def proven(db_session: Session, user: Account) -> Account:
    """A user whose address is proven."""
    prove(db_session, user.id)
    return user


@pytest.fixture
def token(client: FlaskClient, mailbox: Mailbox, proven: Account) -> str:
    """The link to the new address."""
    change_email(client, log_in(client, proven))
    mailbox.deliver()
    return mailbox.last(to=NEW).token


def test_the_new_address_gets_a_link(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, proven: Account
) -> None:
    answer = change_email(client, log_in(client, proven))
    mailbox.deliver()

    assert answer.status_code == 202
    mail = mailbox.last(to=NEW)
    assert "/links/change#uao_" in mail.link
    assert f"The account of {proven.email} is to have this e-mail address" in mail.text
    assert mailbox.all(to=proven.email) == []
    assert column_of(db_session, proven.id, "email") == proven.email


def test_the_link_gives_the_account_its_new_address(
    client: FlaskClient, proven: Account, token: str
) -> None:
    answer = verify(client, token)

    assert answer.get_json() == {"email": NEW, "email_verified": True}
    profile = client.get(ME, headers=log_in(client, Account(proven.id, NEW))).get_json()
    assert (profile["id"], profile["email"], profile["email_verified"]) == (proven.id, NEW, True)
    assert verdict(try_login(client, proven.email)) == (401, "invalid-credentials")


def test_what_waits_for_the_address_is_locked_before_the_address_is_written(
    client: FlaskClient, connection: Connection, token: str
) -> None:
    """Whoever confirms a registration does so, too: else each would wait for the other."""
    with statements_on(connection) as sent:
        assert verify(client, token).status_code == 200

    waiting = [at for at, it in enumerate(sent) if "FROM pending_registrations" in it]
    written = [at for at, it in enumerate(sent) if it.startswith("UPDATE users")]
    assert waiting[0] < written[0]


def test_the_proof_ends_every_session_and_trusts_no_device(
    client: FlaskClient, proven: Account, token: str
) -> None:
    login = open_login(client, proven)
    device = try_login(client, proven.email).get_json()["device_token"]

    verify(client, token)

    assert client.get(ME, headers=login.access).status_code == 401
    assert client.post(REFRESH, headers=login.refresh).status_code == 401
    body = {"email": NEW, "password": proven.password, "device_token": device}
    assert client.post(LOGIN, json=body).get_json()["device_token"] != device


def test_the_old_address_is_told_and_can_undo(
    client: FlaskClient, mailbox: Mailbox, proven: Account, token: str
) -> None:
    verify(client, token)
    mailbox.deliver()

    mail = mailbox.last(to=proven.email)
    assert mail.subject == "The e-mail address of your account was changed"
    assert "/links/undo#uao_" in mail.link
    assert "The link works once, until 20" in mail.text


def test_an_old_address_that_was_never_proven_gets_no_link(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, user: Account
) -> None:
    leave_unproven(db_session, user.id)
    change_email(client, log_in(client, user))
    mailbox.deliver()
    verify(client, mailbox.last(to=NEW).token)
    mailbox.deliver()

    assert "uao_" not in mailbox.last(to=user.email).text
    undoing = select(OneTimeToken).where(OneTimeToken.purpose == Purpose.EMAIL_UNDO)
    assert db_session.scalars(undoing).all() == []


def test_a_link_works_once(client: FlaskClient, token: str) -> None:
    verify(client, token)

    assert verdict(verify(client, token)) == (403, "link-invalid")


def test_a_wrong_password_asks_for_nothing(
    client: FlaskClient, mailbox: Mailbox, proven: Account
) -> None:
    headers = log_in(client, proven)

    answer = change_email(client, headers, password="a wrong password")
    mailbox.deliver()

    assert_problem(answer, 403, "wrong-password")
    assert mailbox.all() == []
    assert client.get(ME, headers=headers).status_code == 200


@pytest.mark.parametrize("column", ["password_hash", "email"])
def test_the_link_is_void_once_password_or_address_differs(
    client: FlaskClient, db_session: Session, proven: Account, token: str, column: str
) -> None:
    set_columns(db_session, proven.id, **{column: "else@example.com"})

    assert verdict(verify(client, token)) == (403, "link-invalid")


def test_a_second_wish_voids_the_first(
    client: FlaskClient, mailbox: Mailbox, proven: Account, token: str
) -> None:
    change_email(client, log_in(client, proven), "second@example.com")
    mailbox.deliver()

    assert verdict(verify(client, token)) == (403, "link-invalid")
    assert verify(client, mailbox.last(to="second@example.com").token).status_code == 200


def test_a_wish_whose_mail_is_dropped_voids_the_link_before(
    client: FlaskClient, mailbox: Mailbox, proven: Account
) -> None:
    headers = log_in(client, proven)
    answers = [change_email(client, headers) for _ in range(8)]
    mailbox.deliver()

    assert {answer.status_code for answer in answers} == {202}
    assert len(mailbox.all(to=NEW)) < len(answers)
    assert verdict(verify(client, mailbox.last(to=NEW).token)) == (403, "link-invalid")


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("is_taken", [True, False])
def test_that_a_mailbox_has_had_too_many_mails_shows_in_nothing_that_the_caller_sees(
    client: FlaskClient, mailbox: Mailbox, proven: Account, other_user: Account, *, is_taken: bool
) -> None:
    """A mailbox with an account has had mails that one without an account never gets."""
    wanted = other_user.email if is_taken else "nobody@example.com"
    headers = log_in(client, proven)
    change_email(client, headers)
    mailbox.deliver()
    before = mailbox.last(to=NEW).token
    for _ in range(5):
        forget(client, wanted)
        mailbox.deliver()
        register(client, email=wanted)

    change_email(client, headers, wanted)

    events = client.get(OWN_EVENTS, headers=headers).get_json()["events"]
    assert [it["event"] for it in events].count("email:change-requested") == 2
    assert verdict(verify(client, before)) == (403, "link-invalid")


def test_whether_an_address_is_taken_is_not_told_by_the_mails_of_whoever_asks(
    client: FlaskClient, db_session: Session, proven: Account, other_user: Account
) -> None:
    prove(db_session, other_user.id)
    headers = log_in(client, proven)

    change_email(client, headers)
    change_email(client, headers, other_user.email)

    document = client.get(f"{ME}/export", headers=headers).get_json()
    (mails,) = [it["items"] for it in document["sections"] if it["name"] == "mails"]
    assert {NEW, other_user.email} & {it["recipient"] for it in mails} == set()


def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(
    client: FlaskClient,
    db_session: Session,
    mailbox: Mailbox,
    proven: Account,
    other_user: Account,
) -> None:
    prove(db_session, other_user.id)
    headers = log_in(client, proven)

    free = change_email(client, headers)
    taken = change_email(client, headers, other_user.email)
    mailbox.deliver()

    assert all_but_the_name(free) == all_but_the_name(taken)
    mail = mailbox.last(to=other_user.email)
    assert mail.subject == "You have an account already"
    assert "uao_" not in mail.text + mail.html


def test_a_taken_address_sends_the_same_statements(
    client: FlaskClient,
    connection: Connection,
    db_session: Session,
    proven: Account,
    other_user: Account,
) -> None:
    prove(db_session, other_user.id)
    headers = log_in(client, proven)
    change_email(client, headers, "first@example.com")  # what is prepared once

    with statements_on(connection) as known:
        change_email(client, headers, other_user.email)
    with statements_on(connection) as unknown:
        change_email(client, headers)

    plain = [[re.sub(r"savepoint_\d+", "", it) for it in sent] for sent in (known, unknown)]
    assert plain[0] == plain[1]


def test_an_address_that_was_taken_meanwhile_is_refused(
    client: FlaskClient,
    db_session: Session,
    proven: Account,
    other_user: Account,
    token: str,
) -> None:
    set_columns(db_session, other_user.id, email=NEW)

    assert verdict(verify(client, token)) == (409, "email-taken")
    assert column_of(db_session, proven.id, "email") == proven.email


def test_an_account_that_never_proved_the_address_gives_it_up(
    client: FlaskClient,
    db_session: Session,
    mailbox: Mailbox,
    proven: Account,
    other_user: Account,
) -> None:
    leave_unproven(db_session, other_user.id)
    change_email(client, log_in(client, proven), other_user.email)
    mailbox.deliver()

    assert verify(client, mailbox.last(to=other_user.email).token).status_code == 200
    assert column_of(db_session, other_user.id, "deleted_at") is not None
    assert column_of(db_session, proven.id, "email") == other_user.email


def test_failures_with_either_address_are_nobodys_any_more(
    app: Flask, client: FlaskClient, db_session: Session, proven: Account, token: str
) -> None:
    for email in (NEW, proven.email):
        bucket = buckets_of(app).of_account(email)
        db_session.add(LoginThrottle(bucket=bucket, failures=50, last_failed_at=NOON))
    db_session.commit()

    verify(client, token)

    assert db_session.scalars(select(LoginThrottle.bucket)).all() == []


def changed_to(client: FlaskClient, mailbox: Mailbox, account: Account, email: str) -> Account:
    """Give an account another address, and return it with that."""
    answer = change_email(client, log_in(client, account), email)
    assert answer.status_code == 202, answer.text
    mailbox.deliver()
    assert verify(client, mailbox.last(to=email).token).status_code == 200
    mailbox.deliver()
    return Account(account.id, email)


def test_there_are_no_more_changes_than_can_be_undone(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, proven: Account
) -> None:
    account = proven
    for number in range(MAX_CHANGES):
        account = changed_to(client, mailbox, account, f"number{number}@example.com")

    answer = change_email(client, log_in(client, account), "more@example.com")

    assert_problem(answer, 429, "email-changes-limited")
    week = timedelta(days=7).total_seconds()
    assert week - 60 < int(answer.headers["Retry-After"]) <= week
    assert undo(client, mailbox.last(to=proven.email).token).status_code == 200
    assert column_of(db_session, proven.id, "email") == proven.email


def test_once_a_change_cannot_be_undone_there_is_another(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, proven: Account
) -> None:
    account = proven
    for number in range(MAX_CHANGES):
        account = changed_to(client, mailbox, account, f"number{number}@example.com")
    db_session.execute(update(OneTimeToken).values(expires_at=OneTimeToken.created_at))
    db_session.commit()

    assert change_email(client, log_in(client, account)).status_code == 202


def test_what_happened_is_in_the_audit_trail(
    client: FlaskClient, db_session: Session, proven: Account, token: str
) -> None:
    verify(client, token)

    events = [(it.event, it.actor_id, it.subject_id) for it in written(db_session)]
    assert ("email:change-requested", proven.id, proven.id) in events
    assert ("email:changed", proven.id, proven.id) in events


def test_a_deleted_caller_leaves_no_link(
    client: FlaskClient, proven: Account, token: str, admin_headers: Headers
) -> None:
    client.delete(proven.path, headers=admin_headers)

    assert verdict(verify(client, token)) == (403, "link-invalid")
