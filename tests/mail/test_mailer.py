from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from mail.mails import TOKEN, notice, put, reset_mail, rows_in
from support.statements import statements_on
from userapi.db.unit_of_work import UnitOfWork
from userapi.mail.catalogue import CAUSED_BY_STRANGERS, TEMPLATES
from userapi.mail.models import ADDRESS_LENGTH, MailRow
from userapi.mail.notices import Notice
from userapi.mail.records import Mail, Recipient
from userapi.mail.sealing import Seal
from userapi.mail.service import Mailer, MailPolicy, mailbox_of
from userapi.outbox.models import Job

OTHERS = sorted(CAUSED_BY_STRANGERS - {"password-reset"})
"""What strangers can cause, but for the way back into an account."""


def mail_of(template: str) -> Mail:
    """Return a mail that leads somewhere, with all that its template takes."""
    values = dict.fromkeys(TEMPLATES[template].values, "x")
    return replace(reset_mail(values=values), template=template)


def test_a_mail_waits_in_the_transaction_of_its_cause(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    recipient = Recipient("ada@example.com", user_id=7, language="de-AT", name="Ada")

    put(transaction, mailer, replace(reset_mail(about="reset 1"), recipient=recipient))

    (row,) = rows_in(db_session)
    (job,) = db_session.scalars(select(Job).where(Job.kind == "mail"))
    assert (row.user_id, row.recipient, row.template) == (7, "ada@example.com", "password-reset")
    assert (row.language, row.about, row.sent_at) == ("de-AT", "reset 1", None)
    assert job.payload == {"mail_id": str(row.id)}


def test_a_mail_is_gone_with_the_transaction(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    with transaction:
        mailer.put(reset_mail())

    assert rows_in(db_session) == []
    assert db_session.scalars(select(Job).where(Job.kind == "mail")).all() == []


def test_neither_the_row_nor_the_job_can_be_read_by_whoever_reads_the_database(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    put(transaction, mailer, reset_mail(values={"user_agent": "canary-agent"}))

    (row,) = rows_in(db_session)
    (job,) = db_session.scalars(select(Job).where(Job.kind == "mail"))
    stored = repr({**vars(row), **vars(job)})
    assert TOKEN not in stored
    assert "canary-agent" not in stored
    assert TOKEN not in repr(reset_mail())


def test_a_mailbox_gets_no_more_than_half_the_cap_of_one_mail(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    queued = put(transaction, mailer, *[reset_mail()] * 7)

    assert queued == [True] * 5 + [False] * 2
    assert len(rows_in(db_session)) == 5


def test_a_mailbox_gets_no_more_than_the_cap_of_what_strangers_cause(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    mails = [mail_of(name) for name in OTHERS for _ in range(3)]

    assert sum(put(transaction, mailer, *mails)) == 10


def test_whatever_strangers_cause_a_forgotten_password_can_be_reset(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    put(transaction, mailer, *(mail_of(name) for name in OTHERS * 5))

    assert put(transaction, mailer, *[reset_mail()] * 6) == [True] * 5 + [False]


def test_many_spellings_of_one_mailbox_count_together(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    spellings = [f"Ada+{number}@Example.com" for number in range(6)]

    queued = put(transaction, mailer, *map(reset_mail, spellings))

    assert queued == [True] * 5 + [False]


def test_another_mailbox_is_not_capped(transaction: UnitOfWork, mailer: Mailer) -> None:
    put(transaction, mailer, *[reset_mail()] * 6)

    assert put(transaction, mailer, reset_mail("grace@example.com")) == [True]


@pytest.mark.parametrize("local", ["a" * 64, f"a+{'b' * 62}", f"{'a' * 63}+"])
def test_no_address_is_too_long_to_be_told(
    transaction: UnitOfWork, mailer: Mailer, local: str
) -> None:
    address = f"{local}@{'c' * 63}.{'d' * 63}.{'e' * 61}"

    assert len(address) == ADDRESS_LENGTH
    assert put(transaction, mailer, reset_mail(address), notice(address=address)) == [True, True]


def test_strangers_silence_no_notice(transaction: UnitOfWork, mailer: Mailer) -> None:
    templates = sorted(name for name, it in TEMPLATES.items() if it.strangers_cause_it)
    put(transaction, mailer, *(mail_of(it) for it in templates * 5))

    assert put(transaction, mailer, *[notice()] * 5) == [True] * 5


def test_notices_of_one_kind_silence_none_of_another(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    put(transaction, mailer, *map(notice, [Notice.NEW_SIGN_IN, Notice.PASSWORD_CHANGED] * 9))

    assert put(transaction, mailer, notice(Notice.EMAIL_CHANGED)) == [True]


def test_an_account_with_a_longer_spelling_silences_no_notice_to_another(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    strangers = [notice(address="ada+stranger@example.com")] * 6
    put(transaction, mailer, *strangers)

    assert put(transaction, mailer, notice()) == [True]


def test_accounts_of_strangers_with_many_spellings_send_a_mailbox_no_more_notices(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    strangers = [notice(address=f"ada+{number}@example.com") for number in range(6)]

    assert put(transaction, mailer, *strangers) == [True] * 5 + [False]


def test_an_account_without_proof_silences_no_notice_to_the_owner_of_the_address(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    put(transaction, mailer, *[notice()] * 6)
    proven = replace(notice().recipient, is_proven=True)

    assert put(transaction, mailer, replace(notice(), recipient=proven)) == [True]


def test_they_silence_no_notice_to_a_longer_spelling_that_is_proven(
    transaction: UnitOfWork, mailer: Mailer
) -> None:
    strangers = [notice(address=f"ada+{number}@example.com") for number in range(6)]
    put(transaction, mailer, *strangers)
    proven = Recipient("ada+post@example.com", user_id=7, is_proven=True)

    assert put(transaction, mailer, replace(notice(), recipient=proven)) == [True]


def test_after_an_hour_a_mailbox_gets_mail_again(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    put(transaction, mailer, *[reset_mail()] * 5)
    (first, *_) = rows_in(db_session)
    earlier = first.created_at - timedelta(hours=1, seconds=1)
    db_session.execute(update(MailRow).values(created_at=earlier))
    db_session.commit()

    assert put(transaction, mailer, reset_mail()) == [True]


def test_a_dropped_mail_takes_the_same_statements(
    connection: Connection, transaction: UnitOfWork, mailer: Mailer
) -> None:
    with statements_on(connection) as sent:
        put(transaction, mailer, reset_mail())
    put(transaction, mailer, *[reset_mail()] * 4)
    with statements_on(connection) as dropped:
        assert put(transaction, mailer, reset_mail()) == [False]

    assert without_savepoints(dropped) == without_savepoints(sent) != []


def without_savepoints(statements: list[str]) -> list[str]:
    """Leave out what the tests' outer transaction adds, with numbers that differ."""
    return [it for it in statements if "SAVEPOINT" not in it]


def test_a_dropped_mail_is_a_line_in_the_log_without_its_address(
    transaction: UnitOfWork, mailer: Mailer, caplog: pytest.LogCaptureFixture
) -> None:
    put(transaction, mailer, *[reset_mail()] * 6)

    (line,) = [it.getMessage() for it in caplog.records if it.name == "userapi.mail.service"]
    assert line == "a mail was dropped: its mailbox has had too many password-reset"


def test_what_waits_can_be_withdrawn(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session
) -> None:
    mails = [reset_mail(about="invitation 1"), reset_mail(about="invitation 2")]
    put(transaction, mailer, *mails)

    with transaction as tx:
        withdrawn = mailer.withdraw("invitation 1")
        tx.commit()

    assert withdrawn == 1
    assert [row.about for row in rows_in(db_session)] == ["invitation 2"]


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (Mail(template="no-such", recipient=Recipient("a@b.c")), "there is no template no-such"),
        (
            Mail(template="role-changed", recipient=Recipient("a@b.c")),
            "role-changed needs the values role",
        ),
        (
            Mail(template="password-changed", recipient=Recipient("a@b.c"), values={"x": "y"}),
            "password-changed takes no values x",
        ),
        (
            Mail(template="password-reset", recipient=Recipient("a@b.c")),
            "password-reset needs a link",
        ),
    ],
)
@pytest.mark.any_database
def test_a_mail_that_cannot_be_rendered_is_refused(
    mailer: Mailer, mail: Mail, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        mailer.put(mail)


@pytest.mark.any_database
def test_nothing_is_written_where_mail_is_off(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailer, "_policy", MailPolicy(is_on=False, per_hour=10))

    assert put(transaction, mailer, reset_mail()) == [False]
    assert rows_in(db_session) == []


@pytest.mark.any_database
def test_strangers_greet_nobody_by_the_name_that_they_typed(
    transaction: UnitOfWork, mailer: Mailer, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = Seal(b"k" * 32)
    monkeypatch.setattr(mailer, "_seal", seal)
    unproven = Recipient("ada@example.com", name="You have won")
    proven = replace(unproven, is_proven=True)

    put(
        transaction,
        mailer,
        replace(reset_mail(), recipient=proven),
        replace(notice(), recipient=unproven),
        replace(notice(), recipient=proven),
    )

    names = [seal.open(row.sealed or b"", row.id).name for row in rows_in(db_session)]
    assert names == [None, None, "You have won"]


def test_every_notice_has_a_template_that_strangers_cannot_cause() -> None:
    assert not any(TEMPLATES[kind.value].strangers_cause_it for kind in Notice)
    assert not TEMPLATES[Notice.ACCOUNT_RESTORED.value].tells_origin


def test_a_mailbox_without_a_name_before_the_plus_is_itself() -> None:
    assert mailbox_of("password-reset", Recipient("+x@example.com")) == "+x@example.com"
