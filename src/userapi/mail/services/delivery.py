"""Sending what waits."""

import logging
import uuid

from userapi.kit.jobs import JobFailed, Payload
from userapi.kit.transaction import Transaction
from userapi.mail.message import MessageWriter
from userapi.mail.records import WaitingMail
from userapi.mail.rendering import MailRenderer
from userapi.mail.repository import MailRepository
from userapi.mail.sealing import Seal
from userapi.mail.senders import MailRefused, MailSender, MailUndelivered

_log = logging.getLogger(__name__)


class MailDelivery:
    """Does the jobs of the kind `mail`: renders one mail, hands it on, and forgets its content.

    Between handing it on and recording that lies no transaction: who dies there sends it again,
    with the same Message-ID.
    """

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        mails: MailRepository,
        seal: Seal,
        renderer: MailRenderer,
        writer: MessageWriter,
        sender: MailSender,
    ) -> None:
        self._transaction = transaction
        self._mails = mails
        self._seal = seal
        self._renderer = renderer
        self._writer = writer
        self._sender = sender

    def deliver(self, payload: Payload) -> None:
        """Send the mail, unless it was sent or withdrawn, or is too late.

        Raises `JobFailed` where it can never be sent, `MailUndelivered` where it may be later.
        """
        mail_id = _mail_id_in(payload)
        with self._transaction.reading():  # no connection is held while the server is spoken to
            mail = self._mails.find(mail_id)
        if mail is None or mail.sent_at is not None:
            return
        if mail.is_expired:
            self._give_up_late(mail_id)
            return
        try:
            self._send(mail)
        except (MailRefused, ValueError) as error:
            self._record_failure(mail_id, str(error))
            raise JobFailed(str(error)) from None
        except MailUndelivered as error:
            self._record_failure(mail_id, str(error))
            raise
        with self._transaction as tx:
            self._mails.mark_sent(mail_id)
            tx.commit()

    def give_up(self, payload: Payload) -> None:
        """Record that the mail will not be tried again unless somebody retries it."""
        with self._transaction as tx:
            self._mails.mark_failed(_mail_id_in(payload))
            tx.commit()

    def _send(self, mail: WaitingMail) -> None:
        content = self._seal.open(mail.sealed or b"", mail.id)
        rendered = self._renderer.render(mail.template, mail.language, content, mail.expires_at)
        message = self._writer.write(
            rendered, mail_id=mail.id, recipient=mail.recipient, caused_at=mail.created_at
        )
        self._sender.send(message, mail.recipient)

    def _give_up_late(self, mail_id: uuid.UUID) -> None:
        _log.warning("mail %s was not sent in time, and is given up", mail_id)
        with self._transaction as tx:
            self._mails.mark_expired(mail_id, "it was not sent in time")
            tx.commit()

    def _record_failure(self, mail_id: uuid.UUID, reason: str) -> None:
        _log.warning("mail %s was not sent: %s", mail_id, reason)
        with self._transaction as tx:
            self._mails.add_attempt(mail_id, reason)
            tx.commit()


def _mail_id_in(payload: Payload) -> uuid.UUID:
    return uuid.UUID(str(payload["mail_id"]))
