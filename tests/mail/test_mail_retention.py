"""What is told of mails, and when they are deleted."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from mail.mails import notice, put, reset_mail, rows_in
from support.rows import NOON
from support.transactions import transaction_on
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.clock import utc_now
from userapi.mail.models import MailRow
from userapi.mail.notices import Notice
from userapi.mail.records import MailState
from userapi.mail.repository import MailRepository
from userapi.mail.service import Mailer
from userapi.mail.services.administration import MailAdministration
from userapi.web.services import provided

DAY = timedelta(days=1)


def test_mails_of_longer_ago_than_the_retention_are_deleted(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    put(transaction, mailer, notice(), notice(Notice.EMAIL_CHANGED))
    old = MailRow.template == "email-changed"
    db_session.execute(update(MailRow).where(old).values(created_at=utc_now() - 31 * DAY))
    db_session.commit()

    assert provided(MailAdministration).delete_old() == 1
    assert [row.template for row in rows_in(db_session)] == ["password-changed"]


def test_a_person_can_be_told_of_her_mails_and_have_them_erased(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    put(transaction, mailer, notice(), reset_mail())
    mails = provided(MailRepository)

    with transaction as tx:
        (record,) = mails.of_user(7)
        assert (record.recipient, record.template) == ("ada@example.com", "password-changed")
        assert record.state is MailState.WAITING
        assert mails.delete_of(7) == 1
        tx.commit()
    assert [row.user_id for row in rows_in(db_session)] == [None]


def test_mails_are_listed_by_state(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    put(transaction, mailer, notice(), notice(Notice.EMAIL_CHANGED), notice(Notice.ACCOUNT_CLOSED))
    for template, column in (("email-changed", "sent_at"), ("account-closed", "failed_at")):
        changed = update(MailRow).where(MailRow.template == template)
        db_session.execute(changed.values({column: NOON}))
    db_session.commit()
    mails = provided(MailAdministration)

    listed = {state: [it.template for it in mails.list(state)] for state in MailState}
    assert listed == {
        MailState.WAITING: ["password-changed"],
        MailState.SENT: ["email-changed"],
        MailState.FAILED: ["account-closed"],
    }
    assert {it.state for it in mails.list(None)} == {*MailState}


def test_the_commands_list_and_retry(own_app: Flask) -> None:
    with own_app.app_context():
        transaction = transaction_on(own_app.extensions["sqlalchemy"].session)
        with transaction as tx:
            provided(Mailer).put(reset_mail())
            tx.commit()
        (record,) = provided(MailRepository).list(None)
        with transaction as tx:
            provided(MailRepository).add_attempt(record.id, "the server answered 450")
            provided(MailRepository).mark_failed(record.id)
            tx.commit()
    runner = own_app.test_cli_runner()

    listed = runner.invoke(args=["mail", "list", "--state", "failed"]).output
    nothing = runner.invoke(args=["mail", "list", "--state", "sent"]).output
    one = runner.invoke(args=["mail", "retry", str(record.id)])
    again = runner.invoke(args=["mail", "retry", str(record.id)])
    every = runner.invoke(args=["mail", "retry", "--all-failed"])
    neither = runner.invoke(args=["mail", "retry"])

    assert listed.split()[:2] == [str(record.id), "failed"]
    assert listed.rstrip().endswith(
        "password-reset to ada@example.com  attempts: 1  last error: the server answered 450"
    )
    assert nothing == "There is no such mail.\n"
    assert (one.exit_code, one.output) == (0, "1 to be sent again.\n")
    assert again.exit_code == 1
    assert f"no mail {record.id} has failed and could be sent still" in again.output
    assert (every.exit_code, every.output) == (0, "0 to be sent again.\n")
    assert neither.exit_code == 2
