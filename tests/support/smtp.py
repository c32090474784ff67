"""A real SMTP server on loopback, in whatever mood a test wants it."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum, auto
from functools import cache
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SLOW_SECONDS = 0.3


class Mood(Enum):
    """How the server answers."""

    UP = auto()
    SLOW = auto()
    """It takes its time for each mail."""
    BUSY = auto()
    """It takes no mail now: 450."""
    REFUSING = auto()
    """It takes no mail for that recipient ever: 550."""
    FULL = auto()
    """It takes no mail now, once it was sent: 452."""
    REJECTING = auto()
    """It does not like what was sent: 554."""
    DEAD = auto()
    """It breaks off in the middle of a mail."""
    DEAD_AFTER = auto()
    """It takes the mail, and breaks off before it says so."""
    CLOSING = auto()
    """It takes the mail, and has no time to take leave: 421."""
    DRIPPING = auto()
    """It sends a byte of its answer now and then, and never the end."""
    FLOODING = auto()
    """It sends lines of its answer as fast as it can, and never the end."""


@dataclass(frozen=True, slots=True)
class Received:
    """A message as the server got it: parsed, and who the envelope was for."""

    recipient: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The text, with line breaks of one character."""
        return self._content_of("plain")

    @property
    def html(self) -> str:
        """The HTML."""
        return self._content_of("html")

    @property
    def link(self) -> str:
        """The only link in the text."""
        (link,) = (word for word in self.text.split() if word.startswith(("http:", "https:")))
        return link

    @property
    def token(self) -> str:
        """The token in the link's fragment."""
        return self.link.partition("#")[2]

    def _content_of(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@dataclass
class SMTPServer:
    """Takes messages; `mood` can be changed at any time."""

    port: int
    mood: Mood = Mood.UP
    received: list[Received] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    greetings: set[str | None] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take a recipient, or not; the refusals repeat it, as servers do."""
        if self.mood is Mood.REFUSING:
            return f"550 5.1.1 <{address}>: no such user"
        if self.mood is Mood.BUSY:
            return f"450 4.2.0 <{address}>: try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a message, or not."""
        mood = self.mood
        self.greetings.add(session.host_name)
        if mood is Mood.SLOW:
            await asyncio.sleep(SLOW_SECONDS)
        if mood in _ENDLESS:
            await _ENDLESS[mood](server)
        if mood is Mood.DEAD:
            _break_off(server)
        if mood is Mood.FULL:
            return "452 4.3.1 insufficient storage"
        if mood is Mood.REJECTING:
            return "554 5.6.0 not liked"
        if mood is not Mood.DEAD and mood not in _ENDLESS:
            self._keep(envelope)
        if mood is Mood.DEAD_AFTER:
            _break_off(server)
        return "250 OK"

    async def handle_QUIT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take leave, or not."""
        return "421 4.3.2 closing" if self.mood is Mood.CLOSING else "221 bye"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, _: str, auth: Any
    ) -> AuthResult:
        """Let in whoever has the password `right`."""
        assert isinstance(auth, LoginPassword)
        self.logins.append((auth.login, auth.password))
        return AuthResult(success=auth.password == b"right", handled=False)

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        self.received += [Received(address, message) for address in envelope.rcpt_tos]


async def _drip(server: SMTP) -> None:
    """Send `2`, `25`, `250`, `250-` and so on: an answer that goes on for ever."""
    with contextlib.suppress(ConnectionError):
        while not _transport_of(server).is_closing():
            _transport_of(server).write(b"250-")
            await asyncio.sleep(0.1)


async def _flood(server: SMTP) -> None:
    """Send an answer of very many lines, as fast as it is read."""
    with contextlib.suppress(ConnectionError):
        while not _transport_of(server).is_closing():
            _transport_of(server).write(b"250-more\r\n" * 10_000)
            await asyncio.sleep(0)


_ENDLESS = {Mood.DRIPPING: _drip, Mood.FLOODING: _flood}


def _break_off(server: SMTP) -> None:
    _transport_of(server).abort()


def _transport_of(server: SMTP) -> asyncio.Transport:
    transport = server.transport
    assert isinstance(transport, asyncio.Transport)
    return transport


@cache
def _reserved() -> socket.socket:
    """Return a socket that holds a port, on which nobody listens: who connects is refused."""
    return _bound(0)


def smtp_port() -> int:
    """Return the port on which this process's tests have their server, if it runs."""
    port: int = _reserved().getsockname()[1]
    return port


def _bound(port: int) -> socket.socket:
    # Named, or asyncio does not see that it is TCP, and answers of several lines take 40 ms.
    bound = socket.socket(proto=socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


class _ExactSMTP(SMTP):
    """Keeps addresses as they were sent: aiosmtpd drops quotes."""

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found, rest = super()._getaddr(arg)
        sent = arg[: len(arg) - len(rest or "")].strip()
        return found and sent.removeprefix("<").removesuffix(">"), rest


class _Controller(Controller):
    """Listens on a port that this process holds already."""

    def factory(self) -> SMTP:
        """Return what speaks with one client."""
        return _ExactSMTP(self.handler, **self.SMTP_kwargs)

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, sock=_bound(self.port), ssl=self.ssl_context
        )


@contextlib.contextmanager
def smtp_server(**options: Any) -> Iterator[SMTPServer]:
    """Run the server until the block ends; `options` are those of aiosmtpd."""
    server = SMTPServer(port=smtp_port())
    if options.pop("wants_login", False):
        options |= {"auth_required": True, "authenticator": server.authenticate}
    controller = _Controller(
        server, hostname="127.0.0.1", port=server.port, server_hostname="mail.test", **options
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificates:
    """An authority of the test's own, in a file, and what servers show that it vouches for."""

    authority: trustme.CA

    def context_for(self, name: str) -> ssl.SSLContext:
        """Return what a server of that name speaks TLS with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(name).configure_cert(context)
        return context
