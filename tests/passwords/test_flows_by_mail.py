"""The flows as people walk them: by the mails that a real server takes."""

from flask.testing import FlaskClient

from support.accounts import PASSWORD, Account, Headers, try_login
from support.answers import verdict
from support.mailbox import Mailbox
from support.paths import PASSWORD_CHANGE
from support.reset_links import NEW_PASSWORD, forget, log_in_from, reset, statuses_of


def test_who_has_forgotten_the_password_resets_it_and_is_told(
    client: FlaskClient, user: Account, mailbox: Mailbox
) -> None:
    before = log_in_from(client, user, PASSWORD)
    forget(client, user.email)
    mailbox.deliver()
    mail = mailbox.last(to=user.email)

    answer = reset(client, mail.token)

    assert answer.status_code == 204
    assert statuses_of(client, before) == (401, 401)
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200
    mailbox.deliver()
    # The link, that the password is another, and that somebody signed in on a new device.
    assert [it.recipient for it in mailbox.all()] == [user.email] * 3
    assert mail.token not in mailbox.last(to=user.email).text


def test_a_mailed_link_leads_to_where_the_operator_says(
    client: FlaskClient, user: Account, mailbox: Mailbox
) -> None:
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    client.post("/api/v1/auth/password/forgot", json={"email": user.email}, headers=hostile)
    mailbox.deliver()

    mail = mailbox.last(to=user.email)
    assert mail.link == f"http://127.0.0.1:5000/links/reset#{mail.token}"
    assert "evil" not in mail.message.as_string()


def test_nobody_is_mailed_for_an_address_without_account(
    client: FlaskClient, mailbox: Mailbox
) -> None:
    forget(client, "nobody@example.com")

    assert mailbox.deliver() == 1
    assert mailbox.all() == []


def test_who_changes_the_password_is_told(
    client: FlaskClient, auth_headers: Headers, user: Account, mailbox: Mailbox
) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    client.post(PASSWORD_CHANGE, json=body, headers=auth_headers)
    mailbox.deliver()

    mail = mailbox.last(to=user.email)
    assert NEW_PASSWORD not in mail.message.as_string()
    assert PASSWORD not in mail.message.as_string()


def test_whose_password_an_admin_made_void_chooses_another_by_mail(
    client: FlaskClient, admin_headers: Headers, user: Account, mailbox: Mailbox
) -> None:
    client.post(f"{user.path}/password-reset", headers=admin_headers)
    mailbox.deliver()

    assert verdict(try_login(client, user.email)) == (401, "invalid-credentials")
    assert reset(client, mailbox.last(to=user.email).token).status_code == 204
    assert try_login(client, user.email, NEW_PASSWORD).status_code == 200
