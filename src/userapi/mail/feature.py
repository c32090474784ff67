"""What mail brings."""

import logging
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from userapi.config.environments import Environment
from userapi.config.groups import ServerSettings
from userapi.config.http import DocumentationSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Settings
from userapi.container import Feature, Purge, Shared
from userapi.kit.jobs import JobHandler
from userapi.kit.networks import is_loopback
from userapi.kit.personal_data import PersonalData
from userapi.mail.catalogue import JOB
from userapi.mail.commands import mail
from userapi.mail.diagnosis import DIAGNOSIS
from userapi.mail.errors import BrokenTemplates
from userapi.mail.links import Links
from userapi.mail.message import MessageWriter
from userapi.mail.models import MailRow
from userapi.mail.notices import Notices
from userapi.mail.rendering import Branding, MailRenderer
from userapi.mail.repository import MailRepository
from userapi.mail.sealing import Seal
from userapi.mail.senders import MailConsole, MailFolder, MailSender, NoSender
from userapi.mail.sent_page import PATH as SENT_PAGE
from userapi.mail.sent_page import SentPage
from userapi.mail.service import Mailer, MailPolicy
from userapi.mail.services.administration import MailAdministration
from userapi.mail.services.delivery import MailDelivery
from userapi.mail.settings import LinkSettings, MailSettings, ProductSettings, SenderKind
from userapi.mail.smtp import MailServer, SMTPSender
from userapi.mail.smtp_settings import SMTPSettings
from userapi.outbox.service import Later
from userapi.web.local_pages import add_local_page
from userapi.web.services import provided

NOBODY = "nobody@localhost"
"""In whose name nothing is sent."""

_log = logging.getLogger(__name__)


def build(shared: Shared) -> Iterator[object]:
    """Yield what leaves mails, renders and sends them."""
    settings = shared.settings.of(MailSettings)
    mails = MailRepository(db=shared.db, clock=shared.database_clock)
    yield mails
    seal = Seal(shared.derived_key("waiting mails"))
    mailer = Mailer(
        mails=mails,
        later=shared.get(Later),
        seal=seal,
        policy=MailPolicy(is_on=settings.sender is not SenderKind.NONE, per_hour=settings.per_hour),
        client_info=shared.client_info,
        clock=shared.clock,
    )
    yield mailer
    yield Notices(mailer=mailer, switched_off=settings.notices_off)
    links = _links(shared)
    yield links
    renderer = MailRenderer(branding=_branding(shared), links=links, overrides=settings.templates)
    yield renderer
    yield MailDelivery(
        transaction=shared.transaction,
        mails=mails,
        seal=seal,
        renderer=renderer,
        writer=_writer(shared.settings),
        sender=_sender(shared.settings),
    )
    yield MailAdministration(
        transaction=shared.transaction,
        mails=mails,
        later=shared.get(Later),
        retention=settings.retention,
        clock=shared.clock,
    )


def ensure_renders() -> None:
    """Raise `BrokenTemplates` where a template of the operator's folder is not fit."""
    problems = list(provided(MailRenderer).problems())
    if problems:
        raise BrokenTemplates(problems)


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Show developers what was sent, where only they can look."""
    settings: Settings = parts[Settings]
    kind = settings.of(MailSettings).sender
    shown = settings.of(DocumentationSettings)
    is_shown = (
        settings.environment is Environment.DEVELOPMENT
        and kind in (SenderKind.CONSOLE, SenderKind.FILE)
        and is_loopback(settings.of(ServerSettings).host)
        and shown.docs_enabled
        and shown.openapi_enabled
    )
    if is_shown:
        page = SentPage(folder=mail_folder(settings), sender=kind)
        add_local_page(app, SENT_PAGE, page.render)


def tell_that_none_is_sent() -> None:
    """Write into the log that nobody will get a mail, where production is left like that."""
    settings = provided(Settings)
    if settings.is_production and settings.of(MailSettings).sender is SenderKind.NONE:
        _log.warning(
            "no mail is sent: addresses are not proven and passwords not reset by mail; "
            "set MAIL_SENDER=smtp to change that"
        )


def _writer(settings: Settings) -> MessageWriter:
    # Where nothing is sent in production there may be no address.
    sent_by = settings.of(MailSettings).sent_by or NOBODY
    return MessageWriter(sent_by=sent_by, product=settings.of(ProductSettings).name)


def _sender(settings: Settings) -> MailSender:
    kind = settings.of(MailSettings).sender
    if kind is SenderKind.NONE:
        return NoSender()
    if kind is SenderKind.SMTP:
        return SMTPSender(MailServer.of(settings.of(SMTPSettings)))
    folder = mail_folder(settings)
    return folder if kind is SenderKind.FILE else MailConsole(folder, sys.stderr)


def mail_folder(settings: Settings) -> MailFolder:
    """Return where the senders for development put mails."""
    return MailFolder(settings.of(EnvironmentSettings).instance_path / "mail")


def _links(shared: Shared) -> Links:
    settings = shared.settings.of(LinkSettings)
    return Links(public_url=settings.public_url, pages=settings.pages())


def _branding(shared: Shared) -> Branding:
    product = shared.settings.of(ProductSettings)
    language = shared.settings.of(MailSettings).language
    return Branding(product=product.name, colour=product.colour, language=language)


FEATURE = Feature(
    name="mail",
    build=build,
    init=init,
    pages=(SENT_PAGE,),
    settings=(ProductSettings, LinkSettings, MailSettings, SMTPSettings),
    models=(MailRow,),
    commands=(mail,),
    personal_data=(
        PersonalData(
            name="mails",
            tables=("mails",),
            export=lambda user_id: provided(MailRepository).of_user(user_id),
            # All at once: how many a mailbox gets in an hour is capped, and old ones are gone.
            erase=lambda user_id, _: provided(MailRepository).delete_of(user_id),
        ),
    ),
    purges=(
        Purge(
            "mails",
            delete=lambda report: provided(MailAdministration).delete_old(report),
            count=lambda: provided(MailAdministration).count_old(),
        ),
    ),
    jobs=(
        JobHandler(
            kind=JOB,
            run=lambda payload: provided(MailDelivery).deliver(payload),
            given_up=lambda payload: provided(MailDelivery).give_up(payload),
        ),
    ),
    checks=(ensure_renders, tell_that_none_is_sent),
    diagnoses=(DIAGNOSIS,),
)
