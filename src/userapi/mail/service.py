"""Leaving a mail to be sent, within the transaction of what causes it."""

import logging
import uuid
from dataclasses import dataclass

from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock, timestamp
from userapi.kit.email_addresses import canonical_email
from userapi.mail.catalogue import (
    CAUSED_BY_OWNERS,
    CAUSED_BY_STRANGERS,
    COUNTED_TOGETHER,
    JOB,
    ensure_sound,
)
from userapi.mail.records import Mail, Recipient
from userapi.mail.repository import Cap, MailRepository
from userapi.mail.sealing import MailContent, Seal
from userapi.outbox.service import Later

_LANGUAGE_LENGTH = 35
_MARK = " "  # never part of an address
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailPolicy:
    """Whether mail is sent at all, and how many an hour go to one mailbox at most."""

    is_on: bool
    per_hour: int

    def caps(self, template: str) -> list[Cap]:
        """Return what a mail counts for.

        What strangers cause counts together, and each template of it by itself. What they cannot
        cause, and what leads back into an account, counts by its template alone: nothing else uses
        up what a warning needs. In which mailbox it counts, `mailbox_of` tells.
        """
        alone = Cap([template], max(1, self.per_hour // 2))
        if template in COUNTED_TOGETHER:
            return [Cap(sorted(COUNTED_TOGETHER), self.per_hour), alone]
        return [alone]


class Mailer:
    """Leaves mails to be sent; nothing is rendered, and no server is spoken to."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        mails: MailRepository,
        later: Later,
        seal: Seal,
        policy: MailPolicy,
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._mails = mails
        self._later = later
        self._seal = seal
        self._policy = policy
        self._client_info = client_info
        self._clock = clock

    def put(self, mail: Mail) -> bool:
        """Leave a mail to be sent; it becomes durable with the caller's commit, or not at all.

        Returns whether it will be sent: False where mail is off, and where the mailbox has had too
        many within the hour. Nobody may be told which, and what was mailed before must then stay
        valid. The statements are the same either way. Raises `ValueError` where the template cannot
        be rendered.
        """
        ensure_sound(mail.template, frozenset(mail.values), has_link=mail.link is not None)
        if not self._policy.is_on:
            return False
        mail_id = uuid.uuid4()
        recipient = mail.recipient
        is_queued = self._mails.add_within(
            self._policy.caps(mail.template),
            id=mail_id,
            user_id=recipient.user_id,
            recipient=recipient.address,
            mailbox=mailbox_of(mail.template, recipient),
            template=mail.template,
            language=recipient.language and recipient.language[:_LANGUAGE_LENGTH],
            about=mail.about,
            sealed=self._seal.close(self._content_of(mail), mail_id),
            key_id=self._seal.key_id,
            expires_at=mail.expires_at,
        )
        # A job that finds no mail does nothing.
        self._later.put(JOB, str(mail_id), {"mail_id": str(mail_id)})
        if not is_queued:
            _log.warning("a mail was dropped: its mailbox has had too many %s", mail.template)
        return is_queued

    def withdraw(self, about: str) -> int:
        """Let the mails about that which were not sent yet never be; return how many."""
        return self._mails.delete_waiting_about(about)

    def _content_of(self, mail: Mail) -> MailContent:
        client = self._client_info()
        found = {
            "at": timestamp(self._clock()),
            "address": client.address,
            "user_agent": client.user_agent,
        }
        known = {name: value for name, value in found.items() if value is not None}
        return MailContent(
            values={**known, **mail.values},
            name=mail.recipient.name if _is_greeted(mail) else None,
            link=mail.link,
        )


def mailbox_of(template: str, recipient: Recipient) -> str:
    """Return what a mail counts for: the canonical address.

    Strangers who write one mailbox as many, `ada+1@` and `ada+2@`, send it no more mails; but they
    use up nothing of what its owner must be told. Nor do they with accounts of their own at that
    address or such ones, which they cannot prove: the notices to these count apart.
    """
    canonical = canonical_email(recipient.address)
    local, _, domain = canonical.rpartition("@")
    base, plus, _ = local.partition("+")
    is_tagged = bool(base and plus)
    if template in CAUSED_BY_STRANGERS:
        return f"{base}@{domain}" if is_tagged else canonical
    if template in CAUSED_BY_OWNERS and not recipient.is_proven:
        # No longer than the address: the column is just as long as one can be.
        return f"{base}{_MARK}@{domain}" if is_tagged else f"{local}{_MARK}{domain}"
    return canonical


def _is_greeted(mail: Mail) -> bool:
    """Say whether whoever reads the mail has typed the name, and no stranger."""
    return mail.recipient.is_proven and mail.template not in CAUSED_BY_STRANGERS
