"""Jobs that send mail to a real server."""

import logging
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from mail.mails import TOKEN, notice, put, reset_mail, rows_in
from support.smtp import Mood, SMTPServer
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.clock import utc_now
from userapi.kit.jobs import JobFailed
from userapi.mail.models import MailRow
from userapi.mail.records import Mail, MailState
from userapi.mail.senders import MailUndelivered
from userapi.mail.service import Mailer
from userapi.mail.services.administration import MailAdministration
from userapi.mail.services.delivery import MailDelivery
from userapi.web.services import provided

HOUR = timedelta(hours=1)


@dataclass
class Post:
    """A mail that waits, and what sends it."""

    transaction: UnitOfWork
    mailer: Mailer
    delivery: MailDelivery
    session: Session

    def put(self, mail: Mail) -> None:
        put(self.transaction, self.mailer, mail)

    @property
    def row(self) -> MailRow:
        (row,) = rows_in(self.session)
        return row

    def deliver(self) -> None:
        self.delivery.deliver({"mail_id": str(self.row.id)})


@pytest.fixture
def post(transaction: UnitOfWork, mailer: Mailer, db_session: Session) -> Post:
    """The application's."""
    return Post(transaction, mailer, provided(MailDelivery), db_session)


def test_a_mail_that_waits_is_sent_and_its_content_forgotten(smtp: SMTPServer, post: Post) -> None:
    post.put(reset_mail())

    post.deliver()

    (received,) = smtp.received
    row = post.row
    assert received.recipient == "ada@example.com"
    assert received.token == TOKEN
    assert received.message["Message-ID"] == f"<mail-{row.id}@localhost>"
    assert (row.sealed, row.attempts, row.last_error) == (None, 1, None)
    assert row.sent_at is not None


def test_a_mail_that_was_sent_is_not_sent_again(smtp: SMTPServer, post: Post) -> None:
    post.put(reset_mail())

    for _ in range(2):
        post.deliver()

    assert len(smtp.received) == 1
    assert post.row.attempts == 1


def test_a_server_that_does_not_take_leave_has_the_mail(smtp: SMTPServer, post: Post) -> None:
    post.put(reset_mail())
    smtp.mood = Mood.CLOSING

    post.deliver()

    assert len(smtp.received) == 1
    assert post.row.sent_at is not None


def test_a_mail_that_was_given_up_is_sent_when_its_job_is_tried_again(
    smtp: SMTPServer, post: Post
) -> None:
    post.put(reset_mail())
    post.delivery.give_up({"mail_id": str(post.row.id)})

    post.deliver()

    assert len(smtp.received) == 1
    assert (post.row.failed_at, post.row.sent_at is not None) == (None, True)


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.FULL, Mood.REJECTING, Mood.DEAD])
def test_a_mail_that_was_not_taken_waits_with_its_content(
    smtp: SMTPServer, post: Post, mood: Mood
) -> None:
    post.put(reset_mail())
    smtp.mood = mood

    for _ in range(2):
        with pytest.raises(MailUndelivered):
            post.deliver()

    row = post.row
    assert (row.attempts, row.failed_at, row.sent_at) == (2, None, None)
    assert str(row.last_error).startswith("the server")
    smtp.mood = Mood.UP
    post.deliver()
    assert smtp.received[0].token == TOKEN


def test_a_mail_that_was_taken_without_an_answer_comes_again_under_its_name(
    smtp: SMTPServer, post: Post
) -> None:
    post.put(reset_mail())
    smtp.mood = Mood.DEAD_AFTER
    with pytest.raises(MailUndelivered):
        post.deliver()
    smtp.mood = Mood.UP

    post.deliver()

    first, second = smtp.received
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert (
        bytes(first.message).partition(b"--=")[0].partition(b"Content-Type")[0]
        == (bytes(second.message).partition(b"--=")[0].partition(b"Content-Type")[0])
    )


def test_a_recipient_that_is_refused_is_given_up_and_can_be_retried(
    smtp: SMTPServer, post: Post
) -> None:
    post.put(reset_mail())
    smtp.mood = Mood.REFUSING
    with pytest.raises(JobFailed, match="550"):
        post.deliver()
    post.delivery.give_up({"mail_id": str(post.row.id)})
    (record,) = provided(MailAdministration).list(MailState.FAILED)
    assert record.state is MailState.FAILED
    smtp.mood = Mood.UP

    assert provided(MailAdministration).retry(record.id) == 1

    post.deliver()
    assert smtp.received[0].token == TOKEN


def test_a_mail_whose_time_is_over_is_given_up_and_forgotten(smtp: SMTPServer, post: Post) -> None:
    post.put(reset_mail(expires_at=utc_now() - HOUR))

    post.deliver()

    row = post.row
    assert smtp.received == []
    assert (row.sealed, row.last_error) == (None, "it was not sent in time")
    assert row.failed_at is not None
    assert provided(MailAdministration).retry(None) == 0


def test_a_mail_that_failed_is_not_tried_again_when_its_time_is_over(post: Post) -> None:
    post.put(reset_mail(expires_at=utc_now() - HOUR))
    post.delivery.give_up({"mail_id": str(post.row.id)})

    assert provided(MailAdministration).retry(post.row.id) == 0
    assert post.row.failed_at is not None


def test_a_mail_says_until_when_its_link_works(smtp: SMTPServer, post: Post) -> None:
    expires_at = utc_now() + HOUR
    post.put(reset_mail(expires_at=expires_at))

    post.deliver()

    assert f"until {expires_at:%Y-%m-%d %H:%M} UTC" in smtp.received[0].text


@pytest.mark.any_database
def test_a_mail_that_another_key_sealed_is_given_up(smtp: SMTPServer, post: Post) -> None:
    post.put(reset_mail())
    post.session.execute(update(MailRow).values(sealed=b"x" * 40))
    post.session.commit()

    with pytest.raises(JobFailed, match="cannot be read with this SECRET_KEY"):
        post.deliver()

    assert smtp.received == []


@pytest.mark.any_database
def test_a_mail_that_was_withdrawn_or_dropped_is_none(smtp: SMTPServer, post: Post) -> None:
    post.delivery.deliver({"mail_id": str(uuid.uuid4())})

    assert smtp.received == []


@pytest.mark.any_database
@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.REFUSING, Mood.DEAD])
def test_the_log_names_the_mail_and_nobody(
    smtp: SMTPServer, post: Post, caplog: pytest.LogCaptureFixture, mood: Mood
) -> None:
    caplog.set_level(logging.DEBUG, logger="userapi")
    post.put(reset_mail())
    smtp.mood = mood

    with pytest.raises((MailUndelivered, JobFailed)) as failure:
        post.deliver()

    row = post.row
    (line,) = [it.getMessage() for it in caplog.records if it.name.startswith("userapi.mail")]
    assert line == f"mail {row.id} was not sent: {row.last_error}"
    assert "ada@" not in f"{caplog.text} {failure.value} {row.last_error}"
    assert TOKEN not in caplog.text


def test_a_notice_in_the_language_of_the_account(smtp: SMTPServer, post: Post) -> None:
    told = notice()
    owner = replace(told.recipient, language="de", is_proven=True)
    post.put(replace(told, recipient=owner))

    post.deliver()

    assert smtp.received[0].subject == "Ihr Passwort wurde geändert"
    assert smtp.received[0].text.startswith("Guten Tag Ada,")
