"""Whoever leaves is told, and so is whoever comes back."""

from flask.testing import FlaskClient

from support.accounts import PASSWORD, Account, Headers, open_login
from support.mailbox import Mailbox
from support.paths import ME


def test_who_closes_the_account_is_told_until_when_it_can_be_restored(
    client: FlaskClient, user: Account, mailbox: Mailbox
) -> None:
    headers = open_login(client, user).access
    client.post(f"{ME}/close", json={"password": PASSWORD}, headers=headers)

    mailbox.deliver()

    mail = mailbox.last(to=user.email)
    assert mail.subject == "Your account was closed"
    assert "restore it until" in mail.text
    assert "127.0.0.1" in mail.text


def test_where_the_admin_works_who_closed_it_is_not_told(
    client: FlaskClient, user: Account, admin_headers: Headers, mailbox: Mailbox
) -> None:
    client.delete(user.path, headers=admin_headers)

    mailbox.deliver()

    mail = mailbox.last(to=user.email)
    assert mail.subject == "Your account was closed"
    assert "127.0.0.1" not in mail.text


def test_whose_account_is_restored_is_told(
    client: FlaskClient, user: Account, admin_headers: Headers, mailbox: Mailbox
) -> None:
    client.delete(user.path, headers=admin_headers)
    client.post(f"{user.path}/restore", headers=admin_headers)
    client.post(f"{user.path}/restore", headers=admin_headers)

    mailbox.deliver()

    subjects = [it.subject for it in mailbox.all(to=user.email)]
    assert subjects == ["Your account was closed", "Your account was restored"]
