"""From what a mail says to the message that is sent."""

import uuid
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from userapi.mail.rendering import RenderedMail


class MessageWriter:
    """Writes messages in one sender's name."""

    def __init__(self, *, sent_by: str, product: str) -> None:
        self._sender = Address(display_name=product, addr_spec=sent_by)

    def write(
        self, rendered: RenderedMail, *, mail_id: uuid.UUID, recipient: str, caused_at: datetime
    ) -> EmailMessage:
        """Return the message, the same each time: a mailbox can tell that it has it already.

        Raises `ValueError` for a recipient that is not one address.
        """
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        Address(addr_spec=recipient)  # raises for what is not one
        message["To"] = recipient
        message["Subject"] = rendered.subject
        message["Date"] = format_datetime(caused_at)
        message["Message-ID"] = f"<mail-{mail_id}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(rendered.text, cte="quoted-printable")
        message.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        return message
