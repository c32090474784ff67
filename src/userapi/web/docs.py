"""The API's document, Swagger UI and the catalogue of errors, all served from here.

Everything is rendered once, when the application is built. No page asks another host for
anything, and none needs an inline script or style.
"""

import hashlib
import html
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import flask_smorest
from flask import Blueprint, Flask, Response, request, send_from_directory
from werkzeug.exceptions import NotFound

from userapi.kit.errors import all_domain_errors
from userapi.web.api import document_as_json, document_as_yaml
from userapi.web.problems import CATALOGUE_PATH, FRAMEWORK_PROBLEMS, status_of

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_ASSETS = {
    "swagger-ui.css": "flask_swagger_ui",
    "swagger-ui-bundle.js": "flask_swagger_ui",
    "docs.css": "userapi.web",
    "docs.js": "userapi.web",
}
_FOLDERS = {"flask_swagger_ui": "dist", "userapi.web": "static"}


@dataclass(frozen=True)
class _Rendered:
    """Something that was rendered once and is served many times."""

    body: bytes
    content_type: str

    def respond(self) -> Response:
        response = Response(self.body, content_type=self.content_type)
        response.set_etag(hashlib.sha256(self.body).hexdigest()[:32])
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.make_conditional(request)
        return response


def init_docs(app: Flask, api: flask_smorest.Api) -> None:
    """Serve the document of `api` and its pages."""
    pages = {
        "/openapi.json": _Rendered(document_as_json(api).encode(), "application/json"),
        "/openapi.yaml": _Rendered(document_as_yaml(api).encode(), "application/yaml"),
        "/docs": _Rendered(_swagger_page(), "text/html; charset=utf-8"),
        CATALOGUE_PATH: _Rendered(_catalogue_page(), "text/html; charset=utf-8"),
    }
    blueprint = Blueprint("docs", __name__)
    for path, page in pages.items():
        blueprint.add_url_rule(
            path,
            endpoint=path.strip("/").replace(".", "_").replace("/", "_"),
            view_func=page.respond,
        )
    blueprint.add_url_rule("/docs/assets/<name>", endpoint="asset", view_func=_asset)
    app.register_blueprint(blueprint)


def _asset(name: str) -> Response:
    package = _ASSETS.get(name)
    if package is None:
        raise NotFound
    folder = Path(str(files(package))) / _FOLDERS[package]
    response = send_from_directory(folder, name, max_age=3600)
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _page(title: str, body: str, *, scripts: str = "") -> bytes:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n"
        '<link rel="icon" href="data:,">\n'
        '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n'
        '<link rel="stylesheet" href="/docs/assets/docs.css">\n'
        f"{scripts}</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def _swagger_page() -> bytes:
    scripts = (
        '<script src="/docs/assets/swagger-ui-bundle.js" defer></script>\n'
        '<script src="/docs/assets/docs.js" defer></script>\n'
    )
    body = '<div id="swagger-ui" data-url="/openapi.json"></div>'
    return _page("userapi: API documentation", body, scripts=scripts)


def _catalogue_page() -> bytes:
    entries = {
        error.code: (int(status_of(error)), error.title, error.detail)
        for error in all_domain_errors()
    }
    for status, (code, title, detail) in FRAMEWORK_PROBLEMS.items():
        entries.setdefault(code, (status, title, detail))
    sections = "\n".join(
        f'<section id="{code}"><h2><code>{code}</code> · {status}</h2>'
        f"<p><strong>{html.escape(title)}.</strong> {html.escape(detail)}</p></section>"
        for code, (status, title, detail) in sorted(entries.items())
    )
    body = (
        '<main class="catalogue">\n<h1>Errors</h1>\n<p>Every error is an '
        "<code>application/problem+json</code> document; its <code>type</code> leads here.</p>\n"
        f"{sections}\n</main>"
    )
    return _page("userapi: errors", body)
