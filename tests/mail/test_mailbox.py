"""From the transaction that causes a mail to the mailbox, through the jobs."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from mail.mails import TOKEN, notice, reset_mail
from support.mailbox import Mailbox
from support.smtp import Mood
from support.transactions import transaction_on
from userapi.mail.notices import Notice, Notices
from userapi.mail.records import Mail, MailState, Recipient
from userapi.mail.repository import MailRepository
from userapi.mail.service import Mailer
from userapi.outbox.models import Job
from userapi.web.services import provided

pytestmark = pytest.mark.any_database


def leave(app: Flask, *mails: Mail) -> None:
    with app.app_context(), transaction_on(app.extensions["sqlalchemy"].session) as tx:
        for mail in mails:
            provided(Mailer).put(mail)
        tx.commit()


def states_in(app: Flask) -> list[MailState]:
    with app.app_context():
        return [it.state for it in provided(MailRepository).list(None)]


def test_mails_arrive_when_the_jobs_are_done(app: Flask, mailbox: Mailbox) -> None:
    leave(app, reset_mail(), notice(address="grace@example.com"))
    assert mailbox.all() == []

    assert mailbox.deliver() == 2

    assert mailbox.last(to="Ada@example.com").token == TOKEN
    assert mailbox.last(to="grace@example.com").subject == "Your password was changed"
    assert mailbox.deliver() == 0
    assert len(mailbox.all()) == 2


@pytest.mark.parametrize("mood", [Mood.BUSY, Mood.FULL, Mood.DEAD])
def test_a_mail_is_tried_again_until_it_arrives(app: Flask, mailbox: Mailbox, mood: Mood) -> None:
    leave(app, reset_mail())
    mailbox.server.mood = mood
    assert mailbox.deliver() == 1
    assert mailbox.deliver() == 0
    assert states_in(app) == [MailState.WAITING]
    mailbox.server.mood = Mood.UP

    mailbox.make_due()
    mailbox.deliver()

    assert mailbox.last(to="ada@example.com").token == TOKEN
    assert states_in(app) == [MailState.SENT]


def test_a_recipient_that_is_refused_is_given_up(
    app: Flask, mailbox: Mailbox, db_session: Session
) -> None:
    leave(app, reset_mail())
    mailbox.server.mood = Mood.REFUSING

    mailbox.deliver()

    assert states_in(app) == [MailState.FAILED]
    (job,) = db_session.scalars(select(Job).where(Job.kind == "mail"))
    assert job.dead_at is not None
    assert TOKEN not in str(job.last_error)


def test_what_was_dropped_leaves_a_job_that_does_nothing(app: Flask, mailbox: Mailbox) -> None:
    leave(app, *[reset_mail()] * 7)

    assert mailbox.deliver() == 7
    assert len(mailbox.all()) == 5


def test_a_notice_tells_its_owner(app: Flask, mailbox: Mailbox) -> None:
    recipient = Recipient("ada@example.com", user_id=7, language="de", name="Ada")

    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}):
        app.preprocess_request()
        with transaction_on(app.extensions["sqlalchemy"].session) as tx:
            provided(Notices).tell(Notice.NEW_SIGN_IN, recipient)
            tx.commit()
    mailbox.deliver()

    mail = mailbox.last(to="ada@example.com")
    assert mail.subject == "Ein neues Gerät hat sich bei Ihrem Konto angemeldet"
    assert "Von: 192.0.2.7" in mail.text


def test_a_notice_that_was_switched_off_tells_nobody(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), transaction_on(app.extensions["sqlalchemy"].session) as tx:
        notices = Notices(mailer=provided(Mailer), switched_off=[Notice.NEW_SIGN_IN])
        notices.tell(Notice.NEW_SIGN_IN, Recipient("ada@example.com"))
        notices.tell(Notice.ROLE_CHANGED, Recipient("ada@example.com"), {"role": "admin"})
        tx.commit()

    mailbox.deliver()

    assert [it.subject for it in mailbox.all()] == ["Your role was changed"]


def test_an_application_that_really_commits_has_a_mailbox_too(
    own_app: Flask, own_mailbox: Mailbox
) -> None:
    leave(own_app, reset_mail())

    own_mailbox.deliver()

    assert own_mailbox.last(to="ada@example.com").token == TOKEN
