"""Pages: what is rendered once and served many times, under the strictest policy that it can bear.

No page asks another host for anything, and none needs an inline script or style.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from userapi.web.conditional import is_wanted, not_modified
from userapi.web.proxies import current_prefix

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HTML = "text/html; charset=utf-8"
_ANY_PREFIX = "/any~prefix"


@dataclass(frozen=True)
class Page:
    """Something that is rendered once and served many times, under whatever prefix.

    A prefix is put in the place of another: to render anew would let clients behind a careless
    proxy, who make prefixes up, ask for much.
    """

    content_type: str
    render: Callable[[str], str]
    has_addresses: bool = True

    @cached_property
    def _at_the_root(self) -> tuple[str, str]:
        text = self.render("")
        return text, _tag_of(text)

    @cached_property
    def _anywhere(self) -> str:
        return self.render(_ANY_PREFIX)

    def _under(self, prefix: str) -> tuple[str, str]:
        """Return the text under a prefix, and its tag."""
        if not prefix or not self.has_addresses:
            return self._at_the_root
        text = self._anywhere.replace(_ANY_PREFIX, prefix)
        return text, _tag_of(text)

    def respond(self) -> Response:
        """Answer with the page, or that the client has it already."""
        text, tag = self._under(current_prefix())
        if not is_wanted(tag):
            raise PreconditionFailed
        response = not_modified(tag) or Response(text, content_type=self.content_type)
        response.set_etag(tag)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response


@dataclass(frozen=True, slots=True)
class TranslatedPage:
    """A page in several languages; the first one is for those who read none of them."""

    pages: Mapping[str, Page]

    def respond(self) -> Response:
        """Answer in the language that the browser likes best."""
        default, *_ = self.pages
        language = request.accept_languages.best_match([*self.pages]) or default
        response = self.pages[language].respond()
        response.headers["Content-Language"] = language
        response.vary.add("Accept-Language")
        return response


def asset_page(name: str, package: str, folder: str) -> Page:
    """Return a script or a style sheet that is a file of a package."""
    kind = "css" if name.endswith(".css") else "javascript"
    path = Path(str(files(package))) / folder / name
    content_type = f"text/{kind}; charset=utf-8"
    return Page(content_type, lambda _: path.read_text("utf-8"), has_addresses=False)


def _tag_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
