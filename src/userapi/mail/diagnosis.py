"""Whether mail can be sent, as `userapi doctor` sees it: nothing is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from userapi.config.settings import Settings
from userapi.kit.clock import utc_now
from userapi.kit.diagnoses import Diagnosis, Finding, failed, ok, warning
from userapi.mail.rendering import MailRenderer
from userapi.mail.senders import CertificateInvalid, MailUndelivered
from userapi.mail.settings import MailSettings, SenderKind
from userapi.mail.smtp import MailServer, SMTPSender
from userapi.mail.smtp_settings import SMTPSettings
from userapi.web.services import provided

_ANSWER = timedelta(seconds=3)
_DEADLINE = timedelta(seconds=4)
_SOON = timedelta(days=14)
_ACCESS = "check SMTP_HOST, SMTP_PORT, SMTP_SECURITY, SMTP_USERNAME and SMTP_PASSWORD"
_CERTIFICATE = (
    "name the authority's certificate, or the server's own, in SMTP_CA_FILE; "
    "SMTP_HOST must be a name in it, and its time not over"
)


def mail_findings() -> Iterator[Finding]:
    """Yield whether templates can be rendered, and whether the server lets us in."""
    settings = provided(Settings)
    for problem in provided(MailRenderer).problems():
        yield failed(f"a template cannot be used: {problem}", "mend it in MAIL_TEMPLATES")
    kind = settings.of(MailSettings).sender
    if kind is SenderKind.SMTP:
        yield from _server_findings(settings)
    elif kind is SenderKind.NONE:
        told = "no mail is sent: addresses are not proven and passwords not reset"
        yield warning(told, "set MAIL_SENDER=smtp")
    else:
        yield ok(f"mails stay here (MAIL_SENDER is {kind})")


def _server_findings(settings: Settings) -> Iterator[Finding]:
    smtp = settings.of(SMTPSettings)
    server = MailServer.of(smtp)
    patience = min(server.timeout, _ANSWER)
    sender = SMTPSender(replace(server, timeout=patience, deadline=_DEADLINE))
    try:
        ends_at = sender.probe(settings.of(MailSettings).sent_by.rpartition("@")[2])
    except CertificateInvalid as error:
        yield failed(f"{smtp.host}:{smtp.port}: {error}", _CERTIFICATE)
        return
    except MailUndelivered as error:
        yield failed(f"{smtp.host}:{smtp.port}: {error}", _ACCESS)
        return
    yield ok(f"{smtp.host}:{smtp.port} takes mail ({smtp.security})")
    if ends_at is not None and ends_at - utc_now() < _SOON:
        told = f"the certificate of {smtp.host} ends at {ends_at:%Y-%m-%d %H:%M} UTC"
        yield warning(told, "have it renewed, or no mail is sent from then on")


DIAGNOSIS = Diagnosis(
    name="mail",
    look=mail_findings,
    needs=("MAIL_", "SMTP_", "PUBLIC_URL"),
)
