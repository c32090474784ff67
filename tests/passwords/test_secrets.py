"""A password and the token of a link stand nowhere but where they must."""

import logging

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account
from support.reset_links import forget, mail_links, reset, waiting_mails
from userapi.db.base import Base

CANARY = "canary in a coal mine 7731"


def test_s43_neither_password_nor_token_is_stored_or_logged(
    client: FlaskClient, db_session: Session, user: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        forget(client, user.email)
        mail_links(client.application, db_session)
        token = waiting_mails(client.application, db_session)[-1].token or ""
        refused = reset(client, "uao_nobodys", CANARY)
        reset(client, token, CANARY)

    rows = [
        str(tuple(row))
        for table in Base.metadata.sorted_tables
        for row in db_session.execute(select(table))
    ]
    everything = "\n".join([*rows, caplog.text, refused.text])
    assert len(token) > 40
    assert token not in everything
    assert CANARY not in everything
