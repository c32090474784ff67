"""The mail to whoever got another role."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.queued_mails import queued_mails


def test_a_user_is_told_of_a_new_role(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    client.put(f"{user.path}/role", json={"role": "moderator"}, headers=admin_headers)

    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.recipient, mail.user_id) == ("role-changed", user.email, user.id)
    assert mail.values["role"] == "moderator"


def test_nobody_is_told_of_the_role_that_was_there_before(
    client: FlaskClient, user: Account, admin_headers: Headers, app: Flask, db_session: Session
) -> None:
    client.put(f"{user.path}/role", json={"role": "user"}, headers=admin_headers)

    assert queued_mails(app, db_session) == []


def test_a_user_is_told_of_the_role_that_the_operator_gave(
    app: Flask, user: Account, db_session: Session
) -> None:
    ended = app.test_cli_runner().invoke(args=["set-role", user.email, "admin"])

    assert ended.exit_code == 0
    (mail,) = queued_mails(app, db_session)
    assert (mail.template, mail.values["role"]) == ("role-changed", "admin")
