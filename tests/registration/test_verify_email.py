"""Proving the address of an account."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, Account, Headers, log_in, register
from support.addresses import resend, verify, waiting
from support.answers import verdict
from support.mailbox import Mailbox
from support.paths import ME
from support.rows import set_columns
from userapi.one_time_tokens.models import OneTimeToken
from userapi.registration.models import PendingRegistration

ALAN = REGISTRATION["email"]


@pytest.fixture
def alan(client: FlaskClient, mailbox: Mailbox) -> Account:
    """Somebody who has just registered, with the mail delivered."""
    user_id = register(client).get_json()["id"]
    mailbox.deliver()
    return Account(user_id, ALAN, REGISTRATION["password"])


def test_a_registration_mails_a_link_to_its_address(mailbox: Mailbox, alan: Account) -> None:
    mail = mailbox.last(to=alan.email)

    assert mail.subject == "Confirm your e-mail address"
    assert "/links/verify#uao_" in mail.link


def test_the_link_proves_the_address(client: FlaskClient, mailbox: Mailbox, alan: Account) -> None:
    answer = verify(client, mailbox.last(to=alan.email).token)

    assert answer.status_code == 200
    assert answer.get_json() == {"email": ALAN, "email_verified": True}
    assert client.get(ME, headers=log_in(client, alan)).get_json()["email_verified"] is True


def test_before_that_the_account_works_and_is_not_proven(
    client: FlaskClient, alan: Account
) -> None:
    assert client.get(ME, headers=log_in(client, alan)).get_json()["email_verified"] is False


def test_a_link_works_once(client: FlaskClient, mailbox: Mailbox, alan: Account) -> None:
    token = mailbox.last(to=alan.email).token
    verify(client, token)

    assert verdict(verify(client, token)) == (403, "link-invalid")


@pytest.mark.parametrize("token", ["uao_nothing", "x", "uao_" + "a" * 43])
def test_what_was_never_a_link_is_refused_as_a_used_one(client: FlaskClient, token: str) -> None:
    assert verdict(verify(client, token)) == (403, "link-invalid")


def test_a_proof_voids_the_other_links_of_the_account(
    client: FlaskClient, mailbox: Mailbox, alan: Account
) -> None:
    first = mailbox.last(to=alan.email).token
    resend(client, alan.email)
    mailbox.deliver()
    second = mailbox.last(to=alan.email).token

    assert first != second
    assert verify(client, second).status_code == 200
    assert verdict(verify(client, first)) == (403, "link-invalid")


def test_a_link_does_not_prove_an_address_that_the_account_has_no_more(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, alan: Account
) -> None:
    set_columns(db_session, alan.id, email="other@example.com")

    answer = verify(client, mailbox.last(to=alan.email).token)

    assert verdict(answer) == (403, "link-invalid")


def test_a_link_of_a_deleted_account_is_void(
    client: FlaskClient, mailbox: Mailbox, alan: Account, admin_headers: Headers
) -> None:
    client.delete(alan.path, headers=admin_headers)

    answer = verify(client, mailbox.last(to=alan.email).token)

    assert verdict(answer) == (403, "link-invalid")


def test_a_link_expires(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, alan: Account
) -> None:
    token = db_session.scalars(select(OneTimeToken)).one()
    token.expires_at = token.created_at
    db_session.commit()

    answer = verify(client, mailbox.last(to=alan.email).token)

    assert verdict(answer) == (403, "link-invalid")


def test_a_proof_voids_what_waits_for_the_address(
    client: FlaskClient, db_session: Session, mailbox: Mailbox, alan: Account
) -> None:
    row = PendingRegistration(
        email=ALAN,
        password_hash="none",
        first_name="Eve",
        last_name="Black",
        created_at=db_session.scalars(select(OneTimeToken.created_at)).one(),
        expires_at=db_session.scalars(select(OneTimeToken.expires_at)).one(),
    )
    db_session.add(row)
    db_session.commit()

    verify(client, mailbox.last(to=alan.email).token)

    assert waiting(db_session) == 0
