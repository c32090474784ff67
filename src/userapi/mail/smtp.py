"""Handing messages to a mail server.

A server can hold a client for ever, a byte at a time: each answer has its time, and the whole its
deadline, at which a watchdog ends the connection.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from threading import Timer
from typing import Self

from userapi.mail.senders import CertificateInvalid, MailRefused, MailUndelivered
from userapi.mail.smtp_settings import SMTPSecurity, SMTPSettings

DEADLINE = timedelta(seconds=60)
"""How long a message may take in all; a job's lease is longer."""

MAX_ANSWER_LINES = 1_000
"""How many lines all answers of a server may have together: smtplib keeps them to the last one."""

_FOR_GOOD = 500
_ENHANCED_CODE = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where the server is, and how it is spoken to."""

    host: str
    port: int
    security: SMTPSecurity
    username: str
    password: str = field(repr=False)
    ca_file: Path | None
    timeout: timedelta
    deadline: timedelta = DEADLINE

    @classmethod
    def of(cls, settings: SMTPSettings) -> Self:
        """Return the server that the settings name."""
        return cls(
            host=settings.host,
            port=settings.port,
            security=settings.security,
            username=settings.username,
            password=settings.password,
            ca_file=settings.ca_file,
            timeout=settings.timeout,
        )


class SMTPSender:
    """Implements `MailSender` with a server; each message has a connection of its own."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand the message to the server.

        Nothing that the server says is told on but codes: it may repeat what it was sent.
        """
        domain = message["From"].addresses[0].domain
        with _told(), self._connected(domain) as client:
            client.send_message(message, to_addrs=[recipient])

    def probe(self, domain: str) -> datetime | None:
        """Connect and log in, and send nothing; return when the server's certificate ends.

        None where nothing is encrypted. Raises `MailUndelivered`.
        """
        with _told(), self._connected(domain) as client:
            if not isinstance(client.sock, ssl.SSLSocket):
                return None
            certificate = client.sock.getpeercert() or {}
            return datetime.fromtimestamp(
                ssl.cert_time_to_seconds(str(certificate["notAfter"])), tz=UTC
            )

    @contextmanager
    def _connected(self, domain: str) -> Iterator[smtplib.SMTP]:
        server = self._server
        with _Watchdog(server.deadline) as watchdog, _Client(server, watchdog, domain) as client:
            if server.security is SMTPSecurity.STARTTLS:
                client.starttls(context=_tls_of(server))
            if server.username:
                client.login(server.username, server.password)
            yield client


@contextmanager
def _told() -> Iterator[None]:
    """Tell what goes wrong as `MailUndelivered` or `MailRefused`."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        ((code, answer),) = error.recipients.values()
        reason = f"the server refused the recipient: {_codes(code, answer)}"
        raise (MailRefused if code >= _FOR_GOOD else MailUndelivered)(reason) from None
    except smtplib.SMTPResponseException as error:
        codes = _codes(error.smtp_code, error.smtp_error)
        reason = f"the server answered {codes} ({type(error).__name__})"
        raise MailUndelivered(reason) from None
    except ssl.SSLCertVerificationError as error:
        reason = f"the server's certificate is not valid: {error.verify_message}"
        raise CertificateInvalid(reason) from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise MailUndelivered(_summary(error)) from None


class _Watchdog:
    """Ends a connection at the deadline, whatever is being waited for."""

    def __init__(self, deadline: timedelta) -> None:
        self._timer = Timer(deadline.total_seconds(), self._bite)
        self._timer.daemon = True
        self._watched: socket.socket | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._watched is not None:
            self._watched.close()

    def watch(self, connection: socket.socket) -> None:
        """Watch a connection: a second handle of it, which TLS does not take over."""
        self._watched = connection.dup()
        if self._is_over:  # it took so long to connect
            raise TimeoutError

    def _bite(self) -> None:
        self._is_over = True
        if self._watched is not None:
            try:
                self._watched.shutdown(socket.SHUT_RDWR)
            except OSError:  # it is over already
                return


class _Client(smtplib.SMTP):
    """A connection that is watched, and speaks TLS from the first byte on where it is to.

    It greets by the sender's domain: to look for a name of this machine's could take for ever.
    """

    def __init__(self, server: MailServer, watchdog: _Watchdog, domain: str) -> None:
        self._tls = _tls_of(server) if server.security is SMTPSecurity.TLS else None
        self._watchdog = watchdog
        timeout = server.timeout.total_seconds()
        super().__init__(server.host, server.port, local_hostname=domain, timeout=timeout)

    def __exit__(self, *_: object) -> None:
        """Take leave; what the server says to that changes nothing about the mail."""
        with suppress(OSError, smtplib.SMTPException):
            self.docmd("QUIT")
        self.close()

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's answer, unless the server goes on for ever."""
        if self.file is None and self.sock is not None:
            self.file = _Answers(self.sock)  # smtplib's own would read on
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._watchdog.watch(connection)
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_hostname=host)


def _tls_of(server: MailServer) -> ssl.SSLContext:
    """Return what checks the server's certificate; read anew, since authorities change."""
    return ssl.create_default_context(cafile=server.ca_file)


class _Answers:
    """What a server answers, as `smtplib` reads it: line by line, and not too many of them."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rb")
        self._lines = 0

    def readline(self, size: int) -> bytes:
        """Return the next line, or so many bytes of it; raise `OSError` for one too many."""
        self._lines += 1
        if self._lines > MAX_ANSWER_LINES:
            message = "too many lines"
            raise OSError(message)
        return self._file.readline(size)

    def close(self) -> None:
        """Close it; the connection stays."""
        self._file.close()


def _codes(code: int, answer: bytes | str) -> str:
    """Return the codes of an answer, without its words."""
    text = answer.encode(errors="replace") if isinstance(answer, str) else answer
    enhanced = _ENHANCED_CODE.match(text or b"")
    return f"{code} {enhanced[1].decode()}" if enhanced else str(code)


def _summary(error: Exception) -> str:
    """Return what kind of failure it is; what was said is not told."""
    if isinstance(error, smtplib.SMTPException):
        return f"the server broke off or cannot do what was asked ({type(error).__name__})"
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"the server cannot be reached or broke off ({reason})"
    return f"the message cannot be sent ({type(error).__name__})"
