"""The settings of mail: what it looks like, where its links lead, and who sends it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from userapi.config.declarations import (
    base_url,
    choice,
    colour,
    days,
    folder,
    integer,
    mail_address,
    settings_group,
    short_name,
    subset,
    text,
    web_url,
)
from userapi.config.groups import ServerSettings
from userapi.config.http import HTTPSettings
from userapi.config.settings import Problem, Settings
from userapi.mail.links import LinkKind
from userapi.mail.notices import Notice
from userapi.mail.templating import complete_languages


class SenderKind(StrEnum):
    """Who sends mail."""

    SMTP = "smtp"
    CONSOLE = "console"
    FILE = "file"
    NONE = "none"


@settings_group("The product")
class ProductSettings:
    """What mails and pages are of, and what they look like."""

    name: str = short_name(
        "PRODUCT_NAME",
        default="userapi",
        help="What mails and their pages call the product.",
    )
    colour: str = colour(
        "MAIL_COLOUR",
        default="#1a5fb4",
        help="The colour of headings and buttons in mails.",
    )


@settings_group("Links in mails")
class LinkSettings:
    """Where the links in mails lead; nothing that a client sends is part of them."""

    public_url: str = base_url(
        "PUBLIC_URL",
        help="The URL of the service as others see it, with its prefix. Production needs it where "
        "mail is sent; elsewhere it follows from `HOST`, `PORT` and `ROOT_PATH`.",
    )
    verify: str = web_url(
        "LINK_URL_VERIFY",
        help="The front end's page on which an address is proven, in place of ours. The token "
        "follows it as a fragment.",
    )
    reset: str = web_url(
        "LINK_URL_RESET", help="The front end's page on which a new password is chosen."
    )
    change: str = web_url(
        "LINK_URL_CHANGE", help="The front end's page on which a new address is confirmed."
    )
    undo: str = web_url(
        "LINK_URL_UNDO", help="The front end's page on which a change of address is undone."
    )
    invite: str = web_url(
        "LINK_URL_INVITE", help="The front end's page on which an invitation is accepted."
    )

    def pages(self) -> Mapping[LinkKind, str]:
        """Return the front end's pages, as far as they are named."""
        named = {
            LinkKind.VERIFY: self.verify,
            LinkKind.RESET: self.reset,
            LinkKind.CHANGE: self.change,
            LinkKind.UNDO: self.undo,
            LinkKind.INVITE: self.invite,
        }
        return {kind: url for kind, url in named.items() if url}

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield links that lead astray or in the clear, and the one that production must know."""
        root_path = settings.of(HTTPSettings).root_path
        if self.public_url and root_path and urlsplit(self.public_url).path != root_path:
            yield Problem(
                "PUBLIC_URL",
                "must have the path of ROOT_PATH: both tell where a proxy shows the service",
            )
        if not settings.is_production:
            return
        sends = settings.of(MailSettings).sender is not SenderKind.NONE
        if sends and not self.public_url:
            yield Problem("PUBLIC_URL", "must be set in production where mail is sent")
        urls = {f"LINK_URL_{kind.name}": url for kind, url in self.pages().items()}
        for variable, url in {"PUBLIC_URL": self.public_url, **urls}.items():
            if url and not url.startswith("https://"):
                yield Problem(variable, "must begin with https:// in production")

    def completed(self, settings: Settings) -> Self:
        """Return the group with the URL of a service that only this machine reaches."""
        server, http = settings.of(ServerSettings), settings.of(HTTPSettings)
        local = f"http://{_name_of(server.host)}:{server.port}{http.root_path}"
        return replace(self, public_url=self.public_url or local)


@settings_group("Mail")
class MailSettings:
    """Who sends mail, in whose name, in which language, and how many."""

    sender: SenderKind = choice(
        "MAIL_SENDER",
        SenderKind,
        default=SenderKind.FILE,
        testing=SenderKind.SMTP,
        production=SenderKind.NONE,
        help="Who sends mail: `smtp`, a server; `file`, into the instance folder; `console`, there "
        "and to the terminal; `none`, nobody. Production takes `smtp` or `none`.",
    )
    sent_by: str = mail_address(
        "MAIL_FROM",
        default="userapi@localhost",
        production="",
        help="The address that mails come from; production needs it to send any.",
    )
    language: str = text(
        "MAIL_LANGUAGE",
        default="en",
        help="The language of mails to people whose language is not known, or has no templates.",
    )
    templates: Path | None = folder(
        "MAIL_TEMPLATES",
        help="A folder of templates that take the place of ours, or add a language (docs/mail.md).",
    )
    per_hour: int = integer(
        "MAIL_MAX_PER_HOUR",
        default=10,
        minimum=1,
        maximum=1000,
        help="How many mails that strangers can cause go to one mailbox within an hour, but for "
        "links that reset passwords; half as many of each kind, of those links and of notices too. "
        "Others are dropped.",
    )
    notices_off: tuple[Notice, ...] = subset(
        "NOTICES_OFF",
        Notice,
        help="The notices that are not sent to the owners of accounts; the link that undoes a "
        "change of address comes with `email-changed` alone.",
    )
    retention: timedelta = days(
        "MAIL_RETENTION_DAYS",
        default=30,
        minimum=1,
        maximum=3650,
        help="For how long it is known which mail was sent to whom, in days; then it is forgotten.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what cannot be sent, or what production refuses."""
        if settings.is_production and self.sender in (SenderKind.CONSOLE, SenderKind.FILE):
            yield Problem(
                "MAIL_SENDER",
                "must be smtp or none in production: whoever reads the files could use the links",
            )
        if self.sender is SenderKind.SMTP and not self.sent_by:
            yield Problem("MAIL_FROM", "must be set where mail is sent by smtp")
        languages = complete_languages(self.templates)
        if self.language not in languages:
            yield Problem(
                "MAIL_LANGUAGE",
                f"must be a language with all templates: {', '.join(sorted(languages))}",
            )


def _name_of(host: str) -> str:
    """Return the name under which this machine reaches what listens on that host."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "localhost"
    return host if address.version == 4 else f"[{host}]"  # noqa: PLR2004 - the protocol's name
