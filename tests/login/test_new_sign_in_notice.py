"""The mail to whoever has signed in from a device that is new."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, try_login
from support.addresses import prove
from support.mailbox import Mailbox
from support.paths import LOGIN
from support.queued_mails import queued_mails

pytestmark = pytest.mark.any_database


def test_the_first_sign_in_of_an_account_is_no_news(
    client: FlaskClient, user: Account, app: Flask, db_session: Session
) -> None:
    try_login(client, user.email)

    assert queued_mails(app, db_session) == []


def test_a_sign_in_from_a_new_device_is_told(
    client: FlaskClient, user: Account, app: Flask, db_session: Session
) -> None:
    try_login(client, user.email)
    try_login(client, user.email)

    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.recipient, mail.user_id) == ("new-sign-in", user.email, user.id)


def test_a_sign_in_from_a_known_device_is_not_told(
    client: FlaskClient, user: Account, app: Flask, db_session: Session
) -> None:
    token = try_login(client, user.email).get_json()["device_token"]
    login = {"email": user.email, "password": PASSWORD, "device_token": token}
    assert client.post(LOGIN, json=login).status_code == 200

    assert queued_mails(app, db_session) == []


def test_a_failed_sign_in_is_not_told(
    client: FlaskClient, user: Account, app: Flask, db_session: Session
) -> None:
    try_login(client, user.email)
    try_login(client, user.email, "wrong password")

    assert queued_mails(app, db_session) == []


def test_only_an_owner_whose_address_is_proven_is_greeted_by_name(
    client: FlaskClient, user: Account, mailbox: Mailbox, db_session: Session
) -> None:
    """Whoever registers a stranger's address has the stranger read what was typed as a name."""
    for is_proven in (False, True):
        if is_proven:
            prove(db_session, user.id)
        try_login(client, user.email)
        try_login(client, user.email)
        mailbox.deliver()

        mail = mailbox.last(to=user.email)
        assert ("Ada" in mail.text, "Ada" in mail.html) == (is_proven, is_proven)
