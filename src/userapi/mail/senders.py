"""Who takes a message: a folder, or the terminal and a folder; `mail.smtp` has the server."""

import os
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, TextIO

from userapi.kit.files import OWNERS_FILE, make_private_folder

FILES_KEPT = 200
"""How many messages a folder keeps: the newest."""


class MailUndelivered(Exception):
    """A message was not taken, and may be taken later; it tells no secret and no address."""


class CertificateInvalid(MailUndelivered):
    """The server's certificate is not valid: of no known authority, for another name, or over."""


class MailRefused(Exception):
    """A message will never be taken for that recipient; it tells no secret and no address."""


class MailSender(Protocol):
    """Hands messages on."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Return once the message was taken for that recipient, spelt as it is.

        Raises `MailUndelivered` or `MailRefused`.
        """
        ...


class MailFolder:
    """Implements `MailSender` with a folder of `.eml` files, which nobody else may read."""

    def __init__(self, folder: Path, *, limit: int = FILES_KEPT) -> None:
        self._folder = folder
        self._limit = limit

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the message into a file; the oldest ones go."""
        name = str(message["Message-ID"]).strip("<>").partition("@")[0]
        draft = self._folder / f".{name}"
        try:
            make_private_folder(self._folder)
            draft.unlink(missing_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNERS_FILE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(bytes(message))
            draft.replace(self._folder / f"{name}.eml")
        except OSError as error:
            reason = f"the file cannot be written: {error.strerror}"
            raise MailUndelivered(reason) from error
        for path in self._newest_first()[self._limit :]:
            path.unlink(missing_ok=True)

    def newest(self, count: int) -> list[EmailMessage]:
        """Return the newest messages, the latest first."""
        return [_read(path) for path in self._newest_first()[:count]]

    def _newest_first(self) -> Sequence[Path]:
        written = ((path.stat().st_mtime_ns, path) for path in self._folder.glob("*.eml"))
        return [path for _, path in sorted(written, reverse=True)]


class MailConsole:
    """Implements `MailSender` with a terminal; the folder keeps the messages besides."""

    def __init__(self, folder: MailFolder, stream: TextIO) -> None:
        self._folder = folder
        self._stream = stream

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the message's text to the terminal."""
        self._folder.send(message, recipient)
        self._stream.write(
            f"To: {recipient}\nSubject: {message['Subject']}\n\n{text_of(message)}\n"
        )


class NoSender:
    """Implements `MailSender` where mail is off: as a server that is down."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Raise `MailUndelivered`."""
        reason = "mail is off: MAIL_SENDER is none"
        raise MailUndelivered(reason)


def text_of(message: EmailMessage) -> str:
    """Return the text of a message, without its HTML."""
    body = message.get_body(("plain",))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)
