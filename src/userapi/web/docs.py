"""The API's document, Swagger UI and the catalogue of errors, all served from here.

Everything is rendered once, when it is first asked for: commands need none of it. No page asks
another host for anything, and none needs an inline script or style.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path

import flask_smorest
import jinja2
from flask import Blueprint, Flask, Response
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound, PreconditionFailed

from userapi.kit.errors import all_domain_errors
from userapi.web.api import document_as_json, document_as_yaml
from userapi.web.conditional import is_wanted, not_modified
from userapi.web.problems import CATALOGUE_PATH, FRAMEWORK_PROBLEMS, status_of

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
DOCS_PATH = "/docs"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class _Page:
    """Something that is rendered once and served many times."""

    content_type: str
    render: Callable[[], str]

    @cached_property
    def _body(self) -> bytes:
        return self.render().encode()

    @cached_property
    def _tag(self) -> str:
        return hashlib.sha256(self._body).hexdigest()[:32]

    def respond(self) -> Response:
        if not is_wanted(self._tag):
            raise PreconditionFailed
        whole = Response(self._body, content_type=self.content_type)
        response = not_modified(self._tag) or whole
        response.set_etag(self._tag)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response


def _asset_page(name: str, package: str, folder: str) -> _Page:
    kind = "css" if name.endswith(".css") else "javascript"
    path = Path(str(files(package))) / folder / name
    return _Page(f"text/{kind}; charset=utf-8", partial(path.read_text, "utf-8"))


_ASSETS = {
    name: _asset_page(name, package, folder)
    for name, package, folder in (
        ("swagger-ui.css", "flask_swagger_ui", "dist"),
        ("swagger-ui-bundle.js", "flask_swagger_ui", "dist"),
        ("docs.css", "userapi.web", "static"),
        ("docs.js", "userapi.web", "static"),
    )
}


def init_docs(app: Flask, api: flask_smorest.Api) -> None:
    """Serve the document of `api` and its pages."""
    pages = {
        "/openapi.json": _Page("application/json", partial(document_as_json, api)),
        "/openapi.yaml": _Page("application/yaml", partial(document_as_yaml, api)),
        DOCS_PATH: _Page(_HTML, partial(_render, "docs.html")),
        CATALOGUE_PATH: _Page(_HTML, _render_catalogue),
    }
    blueprint = Blueprint("docs", __name__)
    for path, page in pages.items():
        blueprint.add_url_rule(path, path.strip("/").replace(".", "_"), page.respond)
    blueprint.add_url_rule("/docs/assets/<name>", "asset", _asset)
    app.register_blueprint(blueprint)


def _asset(name: str) -> Response:
    page = _ASSETS.get(name)
    if page is None:
        raise NotFound
    return page.respond()


def _render(template: str, **values: object) -> str:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("userapi.web"), autoescape=True, trim_blocks=True
    )
    templates.filters["prose"] = _prose
    return templates.get_template(template).render(**values)


def _prose(text: str) -> Markup:
    """Return `text` as HTML; what it has in backticks becomes code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _render_catalogue() -> str:
    return _render("errors.html", errors=_catalogue())


def _catalogue() -> list[dict[str, object]]:
    """Return every error that an answer can have, ordered by code."""
    framework = [
        {"code": code, "status": status, "title": title, "detail": detail}
        for status, (code, title, detail) in FRAMEWORK_PROBLEMS.items()
    ]
    ours = [
        {
            "code": error.code,
            "status": int(status_of(error)),
            "title": error.title,
            "detail": error.detail,
        }
        for error in all_domain_errors()
    ]
    by_code = {str(entry["code"]): entry for entry in (*framework, *ours)}
    return [by_code[code] for code in sorted(by_code)]
