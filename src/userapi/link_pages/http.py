"""The pages: one for each kind of link, in each language."""

from dataclasses import dataclass

from flask import Blueprint, Flask

from userapi.link_pages.words import WORDS, CommonWords
from userapi.mail.links import LINK_PAGES, LinkKind
from userapi.web.blueprint import API_PREFIX
from userapi.web.pages import HTML, Page, TranslatedPage, asset_page
from userapi.web.rendering import render

_PACKAGE = "userapi.link_pages"


@dataclass(frozen=True, slots=True)
class Look:
    """What the pages are of, and what they look like; passwords have `password_length` at least."""

    product: str
    colour: str
    password_length: int


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a page sends its form: which fields there are, and where the token goes."""

    path: str
    fields: tuple[str, ...] = ()
    token_field: str = "token"  # noqa: S105 - a field's name


_TARGETS = {
    LinkKind.VERIFY: _Target("/auth/email/verify"),
    LinkKind.RESET: _Target("/auth/password/reset", ("new_password",)),
    LinkKind.CHANGE: _Target("/auth/email/verify"),
    LinkKind.UNDO: _Target("/auth/email/undo"),
    LinkKind.INVITE: _Target(
        "/users", ("email", "first_name", "last_name", "password"), "invitation_token"
    ),
}
_INPUTS = {
    "email": ("email", "username"),
    "first_name": ("text", "given-name"),
    "last_name": ("text", "family-name"),
    "password": ("password", "new-password"),
    "new_password": ("password", "new-password"),
}
"""What kind of input a field is, and what browsers may fill in."""

_STATIC = ("link-pages.css", "link-pages.js")
_COLOUR = "colour.css"
PATHS = (
    *(f"{LINK_PAGES}/{kind}" for kind in LinkKind),
    *(f"{LINK_PAGES}/assets/{name}" for name in (*_STATIC, _COLOUR)),
)
"""What is served here."""


def init_link_pages(app: Flask, look: Look) -> None:
    """Serve the pages below `LINK_PAGES`, to whoever asks: they hold nothing, and do nothing."""
    blueprint = Blueprint("link_pages", __name__)
    for kind in LinkKind:
        page = TranslatedPage({language: _page(kind, language, look) for language in WORDS})
        blueprint.add_url_rule(f"{LINK_PAGES}/{kind}", kind.value, page.respond)
    assets = {name: asset_page(name, _PACKAGE, "static") for name in _STATIC}
    style = f":root {{\n  --accent: {look.colour};\n}}\n"
    assets[_COLOUR] = Page("text/css; charset=utf-8", lambda _: style, has_addresses=False)
    for name, asset in assets.items():
        endpoint = name.replace(".", "_")
        blueprint.add_url_rule(f"{LINK_PAGES}/assets/{name}", endpoint, asset.respond)
    app.register_blueprint(blueprint)


def _page(kind: LinkKind, language: str, look: Look) -> Page:
    return Page(HTML, lambda _: _render(kind, language, look), has_addresses=False)


def _render(kind: LinkKind, language: str, look: Look) -> str:
    words, target = WORDS[language], _TARGETS[kind]
    return render(
        "link_page.html",
        package=_PACKAGE,
        language=language,
        product=look.product,
        # From `/links/verify`, under whatever prefix.
        url=f"..{API_PREFIX}{target.path}",
        token_field=target.token_field,
        fields=[_field(name, words.common, look) for name in target.fields],
        common=words.common,
        words=words.pages[kind],
    )


def _field(name: str, words: CommonWords, look: Look) -> dict[str, str]:
    """Return what an input is made of."""
    kind, autocomplete = _INPUTS[name]
    field = {
        "name": name,
        "label": getattr(words, name),
        "type": kind,
        "autocomplete": autocomplete,
    }
    if kind == "password":
        field["hint"] = words.password_hint.format(length=look.password_length)
    return field
