"""Mails for the tests."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from userapi.db.unit_of_work import UnitOfWork
from userapi.mail.links import Link, LinkKind
from userapi.mail.models import MailRow
from userapi.mail.notices import Notice
from userapi.mail.records import Mail, Recipient
from userapi.mail.service import Mailer

TOKEN = f"uar_{'canary-' * 6}x"
RESET = Link(LinkKind.RESET, TOKEN)


def reset_mail(address: str = "ada@example.com", **changes: Any) -> Mail:
    """Return a mail with a link that resets a password."""
    return Mail(template="password-reset", recipient=Recipient(address), link=RESET, **changes)


def notice(kind: Notice = Notice.PASSWORD_CHANGED, address: str = "ada@example.com") -> Mail:
    """Return a mail that tells an account's owner something."""
    return Mail(template=kind.value, recipient=Recipient(address, user_id=7, name="Ada"))


def put(transaction: UnitOfWork, mailer: Mailer, *mails: Mail) -> list[bool]:
    """Leave these mails, each in a transaction of its own; return of each whether it is sent."""
    queued = []
    for mail in mails:
        with transaction as tx:
            queued.append(mailer.put(mail))
            tx.commit()
    return queued


def rows_in(session: Session) -> Sequence[MailRow]:
    """Return the mails, the oldest first."""
    session.expire_all()
    return session.scalars(select(MailRow).order_by(MailRow.created_at)).all()
