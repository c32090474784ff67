"""The settings of the mail server."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from userapi.config.declarations import (
    choice,
    file,
    hidden_text,
    host,
    integer,
    seconds,
    settings_group,
    text,
)
from userapi.config.settings import Problem, Settings
from userapi.kit.networks import is_loopback
from userapi.mail.settings import MailSettings, SenderKind


class SMTPSecurity(StrEnum):
    """When the connection to the mail server is encrypted."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


_ON_PORT = {465: SMTPSecurity.TLS, 587: SMTPSecurity.STARTTLS}
"""What servers speak on the ports that are set aside for mail of clients (RFC 8314)."""


@settings_group("The mail server")
class SMTPSettings:
    """The server that takes mails, for `MAIL_SENDER=smtp`."""

    host: str = host(
        "SMTP_HOST",
        "smtp.example.com",
        testing="127.0.0.1",
        help="The server's name, which its certificate must have.",
    )
    port: int = integer(
        "SMTP_PORT", default=587, minimum=1, maximum=65_535, help="The server's port."
    )
    security: SMTPSecurity = choice(
        "SMTP_SECURITY",
        SMTPSecurity,
        default=SMTPSecurity.STARTTLS,
        testing=SMTPSecurity.NONE,
        help="`tls`: from the first byte on, usually on port 465; `starttls`: after a greeting; "
        "`none`: never, which production takes only for a server on this machine.",
    )
    username: str = text("SMTP_USERNAME", help="Who logs in to the server; nobody if it is empty.")
    password: str = hidden_text("SMTP_PASSWORD", help="The password of `SMTP_USERNAME`.")
    ca_file: Path | None = file(
        "SMTP_CA_FILE",
        help="Certificates, in PEM, of the authorities that the server's is checked against, in "
        "place of the system's.",
    )
    timeout: timedelta = seconds(
        "SMTP_TIMEOUT_SECONDS",
        default=10,
        minimum=1,
        maximum=30,
        help="How long the server may take for each answer, in seconds; for the whole mail it has "
        "60.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what no mail could be sent with, and what production refuses."""
        if settings.of(MailSettings).sender is not SenderKind.SMTP:
            return
        if not self.host:
            yield Problem("SMTP_HOST", "must be set where mail is sent by smtp")
        if self.password and not self.username:
            yield Problem("SMTP_USERNAME", "must be set where SMTP_PASSWORD is")
        if self.username and not self.password:
            yield Problem("SMTP_PASSWORD", "must be set where SMTP_USERNAME is")
        if self.ca_file and not _has_certificates(self.ca_file):
            yield Problem("SMTP_CA_FILE", "must be a file with certificates in PEM")
        yield from self._encryption_problems(settings)

    def _encryption_problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what no server understands, and what would be sent in the clear."""
        spoken = _ON_PORT.get(self.port, self.security)
        if self.security is not SMTPSecurity.NONE and spoken is not self.security:
            usual = next(port for port, it in _ON_PORT.items() if it is self.security)
            yield Problem(
                "SMTP_PORT",
                f"{self.port} is for {spoken}: set SMTP_SECURITY={spoken}, or SMTP_PORT={usual}",
            )
        is_open = self.security is SMTPSecurity.NONE and not is_loopback(self.host)
        if settings.is_production and is_open:
            yield Problem(
                "SMTP_SECURITY",
                "must be tls or starttls in production, unless SMTP_HOST is this machine's own",
            )


def _has_certificates(path: Path) -> bool:
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        return False
    return True
