"""From a template and values to a subject and the two parts of a mail."""

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2

from userapi.kit.text import is_line, turns_direction
from userapi.kit.user_agents import known_user_agent
from userapi.mail.catalogue import TEMPLATES
from userapi.mail.links import Link, LinkKind, Links
from userapi.mail.sealing import MailContent
from userapi.mail.templating import environment_of, has_template, overriding_files

VALUE_LENGTH = 200
_NAME_LENGTH = 60
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_LOOKS_LIKE_A_LINK = re.compile(r"[/:@\\]|\.\w|www", re.IGNORECASE)
_TIMES = frozenset({"restorable_until", "undo_until"})


class _NoSubject(Exception):
    """The template whose name this tells has no subject."""


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a mail says, as text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Branding:
    """What mails are of, their colour, and the language of those who have none."""

    product: str
    colour: str
    language: str


class MailRenderer:
    """Renders mails from our templates, and from those of a folder that take their place."""

    def __init__(self, *, branding: Branding, links: Links, overrides: Path | None = None) -> None:
        self._branding = branding
        self._links = links
        self._overrides = overrides
        self._templates = environment_of(overrides)

    def render(
        self,
        template: str,
        language: str | None,
        content: MailContent,
        expires_at: datetime | None = None,
    ) -> RenderedMail:
        """Return the mail in that language, or else in the standard one."""
        return self._render_in(self.language_for(template, language), template, content, expires_at)

    def language_for(self, template: str, language: str | None) -> str:
        """Return the language, such as `de-AT`, that the template is there in, or else `de`."""
        wanted = (language or "").lower()
        for candidate in (wanted, wanted.partition("-")[0]):
            is_name = _LANGUAGE.fullmatch(candidate) is not None
            if is_name and has_template(self._overrides, candidate, template):
                return candidate
        return self._branding.language

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the files of the folder, each with its file and line."""
        if self._overrides is None:
            return
        languages: set[str] = set()
        for path, is_known in overriding_files(self._overrides):
            if is_known:
                languages.add(path.parent.name)
            else:
                yield f"{path}: there is no such template to take the place of; remove it"
        found = (self._problem_of(language, name) for language in languages for name in TEMPLATES)
        yield from sorted({problem for problem in found if problem is not None})

    def _problem_of(self, language: str, name: str) -> str | None:
        if not has_template(self._overrides, language, name):
            return None
        try:
            for content in _samples(name):
                self._render_in(language, name, content, None)
        except _NoSubject as error:
            return f"{error}: it has no block subject"
        except jinja2.TemplateSyntaxError as error:
            return f"{error.filename}, line {error.lineno}: {error.message}"
        except Exception as error:  # noqa: BLE001 - whatever an expression of a template raises
            return f"{_place_of(error, f'{language}/{name}')}: {error}"
        return None

    def _render_in(
        self, language: str, name: str, content: MailContent, expires_at: datetime | None
    ) -> RenderedMail:
        text = self._templates.get_template(f"{language}/{name}.txt")
        html = self._templates.get_template(f"{language}/{name}.html")
        values = self._values_of(name, content, expires_at)
        return RenderedMail(
            subject=self._subject_of(text),
            text=text.render(values).strip() + "\n",
            html=html.render(values),
        )

    def _subject_of(self, template: jinja2.Template) -> str:
        """Return the subject, into which nothing comes but the product's name."""
        block = template.blocks.get("subject")
        if block is None:
            raise _NoSubject(template.filename)
        context = template.new_context({"product": self._branding.product})
        try:
            return single_line("".join(block(context)))
        except Exception:  # noqa: BLE001 - as `Template.render` has it: with the template's lines
            self._templates.handle_exception()

    def _values_of(
        self, name: str, content: MailContent, expires_at: datetime | None
    ) -> Mapping[str, str | None]:
        known = TEMPLATES[name]
        given = {key: single_line(value) for key, value in content.values.items()}
        own = {key: given.get(key) or None for key in known.values | known.optional}
        for key in own.keys() & _TIMES:
            own[key] = _moment(own[key])
        agent = given.get("user_agent") if known.tells_origin else None
        link = content.link
        return {
            **own,
            "product": self._branding.product,
            "colour": self._branding.colour,
            "name": greeting_name(content.name),
            "link": None if link is None else self._links.url(link.kind, link.token),
            "expires": None if expires_at is None else _written(expires_at),
            "when": _moment(given.get("at")),
            "address": (given.get("address") or None) if known.tells_origin else None,
            "device": known_user_agent(agent) if agent else None,
        }


def single_line(value: str) -> str:
    """Return a value fit for one line: cut, and nothing that breaks or turns the line."""
    kept = (
        character if is_line(character) and not turns_direction(character) else " "
        for character in value[:VALUE_LENGTH]
    )
    return " ".join("".join(kept).split())


def greeting_name(name: str | None) -> str | None:
    """Return how somebody is greeted; None for a name that a reader could take for a link."""
    if name is None:
        return None
    line = single_line(name)[:_NAME_LENGTH].strip()
    return None if not line or _LOOKS_LIKE_A_LINK.search(line) else line


def _moment(text: str | None) -> str | None:
    if not text:
        return None
    return _written(datetime.fromisoformat(text))


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _samples(name: str) -> Iterator[MailContent]:
    """Yield a mail with all that it may be given, and one with no more than it needs."""
    known = TEMPLATES[name]
    moment = "2026-01-02T03:04:05Z"
    everything = {
        key: moment if key in {*_TIMES, "at"} else key
        for key in (*known.values, *known.optional, "at", "address", "user_agent")
    }
    link = Link(LinkKind.VERIFY, "token")
    yield MailContent(values=everything, name="Ada", link=link)
    needed = {key: key for key in known.values}
    yield MailContent(values=needed, link=link if known.needs_link else None)


def _place_of(error: Exception, name: str) -> str:
    """Return the file and line of the template in which an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if frame.filename.endswith((".txt", ".html")):
            return f"{frame.filename}, line {frame.lineno}"
    return name
