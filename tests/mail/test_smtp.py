"""Handing messages to a real server, in whatever mood it is."""

import logging
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme

from support.rows import NOON
from support.smtp import Certificates, Mood, SMTPServer, smtp_port, smtp_server
from userapi.kit.email_addresses import parse_email
from userapi.mail.feature import FEATURE
from userapi.mail.message import MessageWriter
from userapi.mail.rendering import RenderedMail
from userapi.mail.senders import MailRefused, MailUndelivered
from userapi.mail.smtp import DEADLINE, MailServer, SMTPSender
from userapi.mail.smtp_settings import SMTPSecurity

MAIL_ID = uuid.UUID(int=7)
ADA = "ada@example.com"


def sender(**changes: Any) -> SMTPSender:
    server = {
        "host": "127.0.0.1",
        "port": smtp_port(),
        "security": SMTPSecurity.NONE,
        "username": "",
        "password": "",
        "ca_file": None,
        "timeout": timedelta(seconds=5),
        **changes,
    }
    return SMTPSender(MailServer(**server))


@pytest.fixture
def message(writer: MessageWriter) -> EmailMessage:
    rendered = RenderedMail(
        subject="Wählen Sie", text=f"Grüße\nhttps://x.example/#{'a=b' * 40}\n", html="<p>Grüße</p>"
    )
    return writer.write(rendered, mail_id=MAIL_ID, recipient="ada@example.com", caused_at=NOON)


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates(trustme.CA())


@pytest.fixture
def ca_file(certificates: Certificates, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    certificates.authority.cert_pem.write_to_path(str(file))
    return file


def test_a_message_arrives_as_it_was_written(smtp: SMTPServer, message: EmailMessage) -> None:
    sender().send(message, ADA)

    (received,) = smtp.received
    assert smtp.greetings == {"example.com"}
    assert received.recipient == "ada@example.com"
    assert received.subject == "Wählen Sie"
    assert received.message["From"] == "Acme <accounts@example.com>"
    assert received.message["Message-ID"] == f"<mail-{MAIL_ID}@example.com>"
    assert received.message["Auto-Submitted"] == "auto-generated"
    assert received.message["Date"].datetime == NOON
    assert received.link == f"https://x.example/#{'a=b' * 40}"
    assert received.html == "<p>Grüße</p>\n"


@pytest.mark.parametrize(
    "address",
    [
        '"a b"@example.com',
        '"a@b"@example.com',
        r'"a\"b"@example.com',
        r'"a\\b"@example.com',
        '"a..b"@example.com',
        '"<>,;()"@example.com',
        "o'neil+x=y@xn--exmple-cua.com",
        "!#$%&*/=?^_`{|}~-@example.com",
        f"{'x' * 64}@{'y' * 63}.{'z' * 63}.example.com",
    ],
)
def test_an_address_of_any_spelling_gets_its_mail(
    smtp: SMTPServer, writer: MessageWriter, address: str
) -> None:
    rendered = RenderedMail(subject="x", text="y", html="z")
    message = writer.write(rendered, mail_id=MAIL_ID, recipient=address, caused_at=NOON)

    sender().send(message, address)

    (received,) = smtp.received
    assert parse_email(address) == address
    assert received.recipient == address


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        (Mood.BUSY, "the server refused the recipient: 450 4.2.0"),
        (Mood.FULL, "the server answered 452 4.3.1 (SMTPDataError)"),
        (Mood.REJECTING, "the server answered 554 5.6.0 (SMTPDataError)"),
        (
            Mood.DEAD,
            "the server broke off or cannot do what was asked (SMTPServerDisconnected)",
        ),
    ],
)
def test_what_fails_may_be_tried_again(
    smtp: SMTPServer, message: EmailMessage, mood: Mood, reason: str
) -> None:
    smtp.mood = mood

    with pytest.raises(MailUndelivered) as failure:
        sender().send(message, ADA)

    assert str(failure.value) == reason
    assert smtp.received == []


def test_a_recipient_that_is_refused_for_good_is_not_tried_again(
    smtp: SMTPServer, message: EmailMessage
) -> None:
    smtp.mood = Mood.REFUSING

    with pytest.raises(MailRefused) as failure:
        sender().send(message, ADA)

    assert str(failure.value) == "the server refused the recipient: 550 5.1.1"


def test_a_server_that_is_not_there_may_be_tried_again(message: EmailMessage) -> None:
    with pytest.raises(MailUndelivered, match=r"cannot be reached .*Connection refused"):
        sender().send(message, ADA)


def test_a_server_that_takes_the_mail_and_dies_gets_it_again(
    smtp: SMTPServer, message: EmailMessage
) -> None:
    smtp.mood = Mood.DEAD_AFTER

    with pytest.raises(MailUndelivered):
        sender().send(message, ADA)

    assert len(smtp.received) == 1


def test_a_server_that_answers_byte_by_byte_is_left_at_the_deadline(
    smtp: SMTPServer, message: EmailMessage
) -> None:
    smtp.mood = Mood.DRIPPING
    began = time.monotonic()

    with pytest.raises(MailUndelivered):
        sender(deadline=timedelta(seconds=0.5)).send(message, ADA)

    assert time.monotonic() - began < 2


def test_a_server_whose_answer_has_no_end_is_left_before_it_fills_the_memory(
    smtp: SMTPServer, message: EmailMessage
) -> None:
    smtp.mood = Mood.FLOODING
    began = time.monotonic()

    with pytest.raises(MailUndelivered, match="broke off"):
        sender().send(message, ADA)

    assert time.monotonic() - began < 2


def test_a_server_that_does_not_answer_is_left_after_its_time(
    smtp: SMTPServer, message: EmailMessage
) -> None:
    smtp.mood = Mood.SLOW

    with pytest.raises(MailUndelivered):
        sender(timeout=timedelta(seconds=0.1)).send(message, ADA)


def test_the_deadline_is_shorter_than_a_job_is_anybodys() -> None:
    (handler,) = FEATURE.jobs

    assert handler.lease > 2 * DEADLINE


@pytest.fixture(params=[SMTPSecurity.TLS, SMTPSecurity.STARTTLS])
def security(request: pytest.FixtureRequest) -> SMTPSecurity:
    kind: SMTPSecurity = request.param
    return kind


@pytest.fixture
def certified_for() -> str:
    """The name that the server's certificate has."""
    return "localhost"


@pytest.fixture
def tls_server(
    certificates: Certificates, security: SMTPSecurity, certified_for: str
) -> Iterator[SMTPServer]:
    context = certificates.context_for(certified_for)
    options: dict[str, Any] = (
        {"ssl_context": context}
        if security is SMTPSecurity.TLS
        else {"tls_context": context, "require_starttls": True}
    )
    with smtp_server(**options) as server:
        yield server


def test_a_message_arrives_over_tls(
    tls_server: SMTPServer, message: EmailMessage, security: SMTPSecurity, ca_file: Path
) -> None:
    sender(host="localhost", security=security, ca_file=ca_file).send(message, ADA)

    assert len(tls_server.received) == 1


def test_a_certificate_of_an_unknown_authority_is_refused(
    tls_server: SMTPServer, message: EmailMessage, security: SMTPSecurity
) -> None:
    with pytest.raises(MailUndelivered, match="certificate is not valid: unable to get local"):
        sender(host="localhost", security=security).send(message, ADA)

    assert tls_server.received == []


@pytest.mark.parametrize("certified_for", ["mail.example.com"])
def test_a_certificate_of_another_name_is_refused(
    tls_server: SMTPServer, message: EmailMessage, security: SMTPSecurity, ca_file: Path
) -> None:
    with pytest.raises(MailUndelivered, match="certificate is not valid: Hostname mismatch"):
        sender(host="localhost", security=security, ca_file=ca_file).send(message, ADA)

    assert tls_server.received == []


def test_a_server_without_starttls_gets_nothing(smtp: SMTPServer, message: EmailMessage) -> None:
    with pytest.raises(MailUndelivered, match="SMTPNotSupportedError"):
        sender(security=SMTPSecurity.STARTTLS).send(message, ADA)

    assert smtp.received == []


@pytest.fixture
def login_server(certificates: Certificates) -> Iterator[SMTPServer]:
    context = certificates.context_for("localhost")
    with smtp_server(wants_login=True, tls_context=context) as server:
        yield server


# aiosmtpd sets what it has deprecated itself.
logs_in = pytest.mark.filterwarnings("ignore:.*login_data:DeprecationWarning")


@logs_in
def test_a_server_that_asks_for_a_login_gets_it(
    login_server: SMTPServer, message: EmailMessage, ca_file: Path
) -> None:
    account = {"username": "userapi", "password": "right"}

    sender(host="localhost", security=SMTPSecurity.STARTTLS, ca_file=ca_file, **account).send(
        message, ADA
    )

    assert login_server.logins == [(b"userapi", b"right")]
    assert len(login_server.received) == 1


@logs_in
def test_a_wrong_password_is_told_nowhere(
    login_server: SMTPServer,
    message: EmailMessage,
    ca_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="userapi")
    account = {"username": "userapi", "password": "wr0ng-canary"}

    with pytest.raises(MailUndelivered) as failure:
        sender(host="localhost", security=SMTPSecurity.STARTTLS, ca_file=ca_file, **account).send(
            message, ADA
        )

    assert login_server.logins[0] == (b"userapi", b"wr0ng-canary")
    assert failure.value.__suppress_context__
    assert "wr0ng-canary" not in f"{failure.value} {caplog.text}"
