"""The page that shows developers what was sent: with its links, which let somebody in."""

from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path

import jinja2

from userapi.mail.senders import MailFolder, text_of

PATH = "/docs/mail"
SHOWN = 50
"""How many mails the page shows."""


class SentPage:
    """Renders the newest mails of a folder."""

    def __init__(self, *, folder: MailFolder, sender: str) -> None:
        self._folder = folder
        self._sender = sender
        self._templates = jinja2.Environment(
            loader=jinja2.ChoiceLoader(
                [
                    jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
                    jinja2.PackageLoader("userapi.web"),
                ]
            ),
            autoescape=True,
            trim_blocks=True,
        )

    def render(self) -> str:
        """Return the page's HTML."""
        mails = self._mails()
        return self._templates.get_template("mails.html").render(mails=mails, sender=self._sender)

    def _mails(self) -> Iterator[Mapping[str, str]]:
        for message in self._folder.newest(SHOWN):
            yield {
                "subject": _header(message, "Subject"),
                "recipient": _header(message, "To"),
                "date": _header(message, "Date"),
                "text": text_of(message),
            }


def _header(message: EmailMessage, name: str) -> str:
    return str(message[name])
