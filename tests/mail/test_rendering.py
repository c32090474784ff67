from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2
import pytest

from userapi.mail.catalogue import TEMPLATES
from userapi.mail.links import Link, LinkKind, Links
from userapi.mail.rendering import Branding, MailRenderer, RenderedMail, greeting_name, single_line
from userapi.mail.sealing import MailContent
from userapi.mail.templating import complete_languages

LINKS = Links(public_url="https://api.example.com/auth", pages={})
LINK = Link(LinkKind.RESET, "urt_token")
URL = "https://api.example.com/auth/links/reset#urt_token"
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HOSTILE = {
    "markup": "<script>alert(1)</script><a href='https://evil.example'>x</a>",
    "line breaks": "Ada\r\n\r\nhttps://evil.example\x0b\x0c\x85\u2028\u2029Bcc: x@y.z",
    "turned around": "\u202egpj.exe\u2066 Ada",
    "long": "x" * 100_000,
    "template": "{{ link }}{% raw %}",
}
LANGUAGES = sorted(complete_languages(None))
each_language = pytest.mark.parametrize("language", LANGUAGES)
each_template = pytest.mark.parametrize("template", TEMPLATES)


class Page(HTMLParser):
    """What a mail's HTML consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]


@cache
def renderer(overrides: Path | None = None, **branding: str) -> MailRenderer:
    standard = {"product": "Acme & Co", "colour": "#1a5fb4", "language": "en"}
    return MailRenderer(branding=Branding(**standard | branding), links=LINKS, overrides=overrides)


def content_for(template: str, value: str = "x", **changes: Any) -> MailContent:
    known = TEMPLATES[template]
    values = {
        **dict.fromkeys(known.values | known.optional - {"restorable_until", "undo_until"}, value),
        "at": "2026-01-31T11:59:00Z",
        "address": value,
        "user_agent": value,
    }
    link = LINK if known.needs_link else None
    return MailContent(**{"values": values, "name": value, "link": link, **changes})


def shape_of(mail: RenderedMail) -> tuple[str, int, list[str], list[str | None]]:
    """Return what a hostile value may not change."""
    page = Page(mail.html)
    return mail.subject, mail.text.count("\n"), page.tags, page.links


def test_there_are_two_languages() -> None:
    assert LANGUAGES == ["de", "en"]


@each_language
@each_template
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_no_value_changes_the_shape_of_a_mail(language: str, template: str, value: str) -> None:
    harmless = renderer().render(template, language, content_for(template, "x" * 20, name=None))

    mail = renderer().render(template, language, content_for(template, value, name=None))

    assert shape_of(mail) == shape_of(harmless)
    assert max(map(len, mail.text.splitlines())) < 300
    assert not set(mail.text + mail.html) & set("\r\x0b\x0c\x85\u2028\u2029\u202e\u2066")


@each_language
@each_template
def test_a_mail_names_the_product_and_says_the_same_twice(language: str, template: str) -> None:
    mail = renderer().render(template, language, content_for(template), NOON)

    assert "Acme & Co" in mail.text
    assert "Acme &amp; Co" in mail.html
    assert "2026-01-31 11:59 UTC" in mail.text
    assert "2026-01-31 11:59 UTC" in mail.html
    has_link = TEMPLATES[template].needs_link
    assert (URL in mail.text, Page(mail.html).links) == (has_link, [URL] * has_link)
    assert ("2026-01-31 12:00 UTC" in mail.text) is has_link


@each_language
@pytest.mark.parametrize("template", ["email-changed", "address-taken"])
def test_a_link_that_need_not_be_is_shown_where_it_is(language: str, template: str) -> None:
    mail = renderer().render(template, language, content_for(template, link=LINK))

    assert URL in mail.text
    assert Page(mail.html).links == [URL]


@each_template
def test_every_language_has_subjects_of_its_own(template: str) -> None:
    subjects = {renderer().render(template, it, content_for(template)).subject for it in LANGUAGES}

    assert len(subjects) == len(LANGUAGES)


@each_language
def test_a_person_is_greeted_by_name(language: str) -> None:
    mail = renderer().render("password-changed", language, content_for("password-changed"))

    assert " x,\n" in mail.text
    assert "<bdi>x</bdi>," in mail.html


def test_a_mail_tells_where_it_was_caused_in_words() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
    values = {"address": "192.0.2.1", "user_agent": agent}

    mail = renderer().render("new-sign-in", "en", MailContent(values=values))

    assert "From: 192.0.2.1, Firefox 120 on Linux\n" in mail.text


def test_a_client_cannot_choose_the_words_for_itself() -> None:
    values = {"user_agent": "Call +1 900 555 to keep your account"}

    assert "900" not in renderer().render("new-sign-in", "en", MailContent(values=values)).text


@pytest.mark.parametrize(
    "template", ["role-changed", "invitation", "account-restored", "email-corrected"]
)
def test_nobody_is_told_where_an_administrator_is(template: str) -> None:
    content = content_for(template, "192.0.2.1")

    assert "From" not in renderer().render(template, "en", content).text


def test_a_closed_account_says_until_when_it_can_be_restored() -> None:
    content = MailContent(values={"restorable_until": "2026-03-01T00:00:00Z"})

    mail = renderer().render("account-closed", "en", content)

    assert "restore it until 2026-03-01 00:00 UTC" in mail.text


@pytest.mark.parametrize(
    ("language", "chosen"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("en", "en"),
        ("fr", "en"),
        (None, "en"),
        ("../en", "en"),
        ("", "en"),
    ],
)
def test_a_language_is_found_or_else_the_standard_one(language: str | None, chosen: str) -> None:
    assert renderer().language_for("password-reset", language) == chosen


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example",
        "evil.example",
        "Win www now",
        "a@b",
        "\u202e",
        "  \r\n ",
        "a\\b",
    ],
)
def test_a_name_that_could_be_a_link_greets_nobody(name: str) -> None:
    assert greeting_name(name) is None


@pytest.mark.parametrize("name", ["Ada", "Dr. Ada", "Ada K. Lovelace", "אדה", "O'Neil-Smith"])
def test_an_ordinary_name_greets(name: str) -> None:
    assert greeting_name(name) == name


def test_a_value_is_one_line_of_two_hundred_characters() -> None:
    assert single_line(" a\r\nb\tc\u2028 d " + "e" * 300) == "a b c d " + "e" * 189


class TestOverrides:
    """A folder of templates that take the place of ours."""

    def write(self, folder: Path, name: str, content: str) -> Path:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def test_a_file_takes_the_place_of_ours(self, tmp_path: Path) -> None:
        text = (
            '{% extends "en/layout.txt" %}\n{% block subject %}Hello from {{ product }}'
            "{% endblock %}\n{% block body %}\nGo: {{ link }}\n{% endblock %}\n"
        )
        self.write(tmp_path, "en/password-reset.txt", text)

        mail = renderer(tmp_path).render("password-reset", "en", content_for("password-reset"))

        assert mail.subject == "Hello from Acme & Co"
        assert f"Go: {URL}\n" in mail.text
        assert list(renderer(tmp_path).problems()) == []

    def test_a_language_is_added_by_a_folder(self, tmp_path: Path) -> None:
        self.write(
            tmp_path, "fr/password-reset.txt", "{% block subject %}Bonjour{% endblock %} {{ link }}"
        )
        self.write(tmp_path, "fr/password-reset.html", "<p>{{ link }}</p>")

        templates = renderer(tmp_path)

        content = content_for("password-reset")
        assert templates.render("password-reset", "fr-CA", content).subject == "Bonjour"
        assert templates.language_for("invitation", "fr") == "en"
        assert complete_languages(tmp_path) == {"de", "en"}

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("a\n{% if %}", "line 2: Expected an expression, got 'end of statement block'"),
            (
                "{% block subject %}{% endblock %}\n\n{{ no_such_value }}",
                "line 3: 'no_such_value' is undefined",
            ),
            (
                "{% block subject %}{{ name }}{% endblock %}",
                "line 1: 'name' is undefined",
            ),
            ("{% block subject %}{{ 1 / 0 }}{% endblock %}", "line 1: division by zero"),
        ],
    )
    def test_a_broken_file_is_told_with_its_line(
        self, tmp_path: Path, content: str, problem: str
    ) -> None:
        path = self.write(tmp_path, "en/password-reset.txt", content)

        assert list(renderer(tmp_path).problems()) == [f"{path}, {problem}"]

    def test_a_file_without_a_subject_is_told(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "en/password-reset.txt", "Hello")

        (problem,) = renderer(tmp_path).problems()
        assert problem == f"{path}: it has no block subject"

    @pytest.mark.parametrize("name", ["en/pasword-reset.txt", "password-reset.txt", "en/x/y.txt"])
    def test_a_file_that_takes_no_place_is_told(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "en" / "x").mkdir(parents=True)
        path = self.write(tmp_path, name, "")

        (problem,) = renderer(tmp_path).problems()
        assert problem == f"{path}: there is no such template to take the place of; remove it"

    def test_what_is_not_given_is_an_error(self, tmp_path: Path) -> None:
        self.write(tmp_path, "en/invitation.txt", "{% block subject %}{% endblock %}{{ nothing }}")

        with pytest.raises(jinja2.UndefinedError):
            renderer(tmp_path).render("invitation", "en", content_for("invitation"))
