from collections.abc import Iterator

import pytest
from flask import Flask

from support.smtp import SMTPServer, smtp_server
from userapi.db.session import ScopedSession
from userapi.mail.message import MessageWriter
from userapi.mail.service import Mailer
from userapi.web.services import provided


@pytest.fixture
def smtp() -> Iterator[SMTPServer]:
    """A server that speaks no TLS and asks for no login."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def writer() -> MessageWriter:
    """What writes messages in the name of accounts@example.com."""
    return MessageWriter(sent_by="accounts@example.com", product="Acme")


@pytest.fixture
def mailer(app: Flask, scoped_session: ScopedSession) -> Mailer:
    """What leaves mails, in the application."""
    return provided(Mailer)
