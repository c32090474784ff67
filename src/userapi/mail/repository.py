"""Which mails wait, were sent, or were given up."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    delete,
    false,
    func,
    insert,
    literal,
    select,
    true,
    update,
)

from userapi.db.repository import Repository, columns_of, record_of
from userapi.mail.catalogue import TOLD_TO_NOBODY
from userapi.mail.models import ERROR_LENGTH, MailRow
from userapi.mail.records import LIST_LENGTH, MailRecord, MailState, WaitingMail

_WINDOW = timedelta(hours=1)
_IS_WAITING = MailRow.sent_at.is_(None) & MailRow.failed_at.is_(None)
_STATES: dict[MailState, ColumnElement[bool]] = {
    MailState.WAITING: _IS_WAITING,
    MailState.SENT: MailRow.sent_at.is_not(None),
    MailState.FAILED: MailRow.sent_at.is_(None) & MailRow.failed_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many mails of these templates to one mailbox within an hour."""

    templates: Collection[str]
    limit: int


class MailRepository(Repository):
    """The mails."""

    def add_within(self, caps: Sequence[Cap], **columns: Any) -> bool:
        """Insert a mail unless its mailbox has had as many as a cap allows; say whether it was.

        One statement decides, and it is the same either way.
        """
        now = self._time()
        values = {**columns, "created_at": now}
        allowed = [self._is_within(cap, columns["mailbox"], now) for cap in caps]
        types = MailRow.__table__.c
        row = select(*(literal(value, types[name].type) for name, value in values.items()))
        inserted = self._db.execute(
            insert(MailRow).from_select([*values], row.where(*allowed)).returning(MailRow.id)
        )
        return inserted.scalar_one_or_none() is not None

    def _is_within(self, cap: Cap, mailbox: str, now: datetime) -> ColumnElement[bool]:
        counted = select(func.count()).where(
            MailRow.mailbox == mailbox,
            MailRow.created_at > now - _WINDOW,
            MailRow.template.in_(cap.templates),
        )
        return counted.scalar_subquery() < cap.limit

    def find(self, mail_id: uuid.UUID) -> WaitingMail | None:
        """Return a mail as the job needs it; None where it was withdrawn or deleted."""
        is_expired = func.coalesce(MailRow.expires_at <= self._now(), false())
        query = select(*columns_of(MailRow, WaitingMail, is_expired=is_expired))
        return self._one(query.where(MailRow.id == mail_id), WaitingMail)

    def mark_sent(self, mail_id: uuid.UUID) -> None:
        """Record that a mail was sent, and forget what it was made of."""
        self._change(
            MailRow.id == mail_id,
            sent_at=self._now(),
            failed_at=None,
            sealed=None,
            attempts=MailRow.attempts + 1,
            last_error=None,
        )

    def add_attempt(self, mail_id: uuid.UUID, error: str) -> None:
        """Record that sending failed, and why."""
        self._change(
            (MailRow.id == mail_id) & MailRow.sent_at.is_(None),
            attempts=MailRow.attempts + 1,
            last_error=error[:ERROR_LENGTH],
        )

    def mark_failed(self, mail_id: uuid.UUID) -> None:
        """Record that a mail was given up; it can be retried."""
        self._change((MailRow.id == mail_id) & _IS_WAITING, failed_at=self._now())

    def mark_expired(self, mail_id: uuid.UUID, error: str) -> None:
        """Record that it is too late for a mail, and forget what it was made of."""
        self._change(
            (MailRow.id == mail_id) & MailRow.sent_at.is_(None),
            failed_at=self._now(),
            sealed=None,
            last_error=error,
        )

    def list(self, state: MailState | None) -> Sequence[MailRecord]:
        """Return the newest mails, in that state if one is named."""
        query = select(*columns_of(MailRow, MailRecord)).order_by(
            MailRow.created_at.desc(), MailRow.id
        )
        if state is not None:
            query = query.where(_STATES[state])
        return [record_of(MailRecord, row) for row in self._read(query.limit(LIST_LENGTH))]

    def of_user(self, user_id: int) -> Iterator[MailRecord]:
        """Yield the mails to that user, the newest first, within a transaction.

        One to an address that is not the user's yet is not told of.
        """
        query = select(*columns_of(MailRow, MailRecord)).where(
            MailRow.user_id == user_id, MailRow.template.not_in(TOLD_TO_NOBODY)
        )
        return self._each(query.order_by(MailRow.created_at.desc(), MailRow.id), MailRecord)

    def delete_of(self, user_id: int) -> int:
        """Delete all mails to that user, those that wait too; return how many."""
        return self._delete(MailRow.user_id == user_id)

    def delete_waiting_about(self, about: str) -> int:
        """Delete the mails about that which were not sent; return how many."""
        return self._delete((MailRow.about == about) & MailRow.sent_at.is_(None))

    def count_created_before(self, before: datetime) -> int:
        """Return how many mails were caused before that time."""
        return self._count(select(MailRow.id).where(MailRow.created_at < before))

    def delete_created_before(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` mails that were caused before that time; return how many."""
        old = (
            select(MailRow.id)
            .where(MailRow.created_at < before)
            .order_by(MailRow.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._delete(MailRow.id.in_(old))

    def requeue(self, mail_id: uuid.UUID | None) -> Sequence[uuid.UUID]:
        """Let one failed mail wait again, or all; return their ids. Expired ones stay failed."""
        is_in_time = func.coalesce(MailRow.expires_at > self._now(), true())
        wanted = _STATES[MailState.FAILED] & MailRow.sealed.is_not(None) & is_in_time
        if mail_id is not None:
            wanted &= MailRow.id == mail_id
        return self._change(wanted, failed_at=None)

    def _change(self, wanted: ColumnElement[bool], **values: Any) -> Sequence[uuid.UUID]:
        changed = self._db.scalars(
            update(MailRow).where(wanted).values(**values).returning(MailRow.id),
            execution_options={"synchronize_session": False},
        )
        return changed.all()

    def _delete(self, wanted: ColumnElement[bool]) -> int:
        deleted = self._db.scalars(
            delete(MailRow).where(wanted).returning(MailRow.id),
            execution_options={"synchronize_session": False},
        )
        return len(deleted.all())
