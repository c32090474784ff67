"""`userapi reset-password`."""

import logging

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from support.accounts import Account, try_login
from support.events import written
from support.reset_links import NEW_PASSWORD, mailed_token, reset
from userapi.one_time_tokens.service import MAX_TOKENS


def test_a_link_is_printed_that_resets_the_password(
    app: Flask, user: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        result = app.test_cli_runner().invoke(args=["reset-password", user.email.upper()])

    assert result.exit_code == 0, result.output
    url = result.stdout.strip()
    page, _, token = url.partition("#")
    assert page == "http://127.0.0.1:5000/links/reset"
    assert "Works once, until 20" in result.stderr
    assert token not in caplog.text
    assert try_login(app.test_client(), user.email).status_code == 200
    assert reset(app.test_client(), token).status_code == 204
    assert try_login(app.test_client(), user.email, NEW_PASSWORD).status_code == 200


def test_whoever_asks_for_mailed_links_does_not_void_a_printed_one(
    app: Flask, db_session: Session, user: Account
) -> None:
    """The operator prints one for somebody who gets no mail."""
    client = app.test_client()
    printed = app.test_cli_runner().invoke(args=["reset-password", user.email]).stdout
    for _ in range(MAX_TOKENS):
        mailed_token(client, db_session, user.email)

    assert reset(client, printed.strip().partition("#")[2]).status_code == 204


def test_the_link_is_written_down_without_its_token(
    app: Flask, db_session: Session, user: Account
) -> None:
    app.test_cli_runner().invoke(args=["reset-password", user.email])

    (event,) = written(db_session)
    assert (event.event, event.subject_id) == ("password:link-issued", user.id)
    assert event.details == {"delivery": "printed"}


@pytest.mark.any_database
def test_an_address_without_account_is_told(app: Flask, db_session: Session) -> None:
    result = app.test_cli_runner().invoke(args=["reset-password", "nobody@example.com"])

    assert result.exit_code == 1
    assert "Error: no user has the e-mail address nobody@example.com\n" in result.output
