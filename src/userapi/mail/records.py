"""Mails: as they are handed over, as they wait, and as they are told of afterwards."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from userapi.mail.links import Link

LIST_LENGTH = 200
"""The limit of what is listed."""


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a mail is for: the stored form of an address, and what is known of its owner.

    Unless the address `is_proven`, the account may be a stranger's to whoever has the mailbox.
    """

    address: str
    user_id: int | None = None
    language: str | None = None
    name: str | None = None
    is_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is to be sent; `template` is one of `mail.catalogue`, which names its values.

    After `expires_at` it is not sent any more. `about` names what it belongs to, such as
    `invitation 4f1c...`: what waits can be withdrawn by it.
    """

    template: str
    recipient: Recipient
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    link: Link | None = None
    expires_at: datetime | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A row as the job needs it; `is_expired` is by the database's clock."""

    id: uuid.UUID
    recipient: str
    template: str
    language: str | None
    sealed: bytes | None
    key_id: str
    created_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True)
class MailRecord:
    """What is told of a mail: never its values, nor its link."""

    id: uuid.UUID
    user_id: int | None
    recipient: str
    template: str
    created_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    attempts: int
    last_error: str | None

    @property
    def state(self) -> MailState:
        """What became of it."""
        if self.sent_at is not None:
            return MailState.SENT
        return MailState.WAITING if self.failed_at is None else MailState.FAILED
