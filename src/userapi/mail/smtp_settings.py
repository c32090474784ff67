"""The settings of the mail server."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from userapi.config.declarations import (
    choice,
    file,
    hidden_text,
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


@settings_group("The mail server")
class SMTPSettings:
    """The server that takes mails, for `MAIL_SENDER=smtp`."""

    host: str = text(
        "SMTP_HOST",
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
        is_open = self.security is SMTPSecurity.NONE and not is_loopback(self.host)
        if settings.is_production and is_open:
            yield Problem(
                "SMTP_SECURITY",
                "must be tls or starttls in production, unless SMTP_HOST is this machine's own",
            )
