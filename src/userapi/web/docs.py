"""The API's document, Swagger UI and the catalogue of errors, all served from here.

Everything is rendered once, when it is first asked for: commands need none of it. No page asks
another host for anything, and none needs an inline script or style. Pages refer to each other by
relative addresses, so that they work under every prefix.

A problem's `type` leads to the catalogue. Where the pages are not served it still names the error,
as RFC 9457 has it, and leads nowhere.
"""

import json
from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Flask, Response, redirect
from werkzeug import Response as Redirection
from werkzeug.exceptions import NotFound

from userapi.web.api import TITLE, Api, document_as_json, document_as_yaml
from userapi.web.catalogue import render_catalogue
from userapi.web.pages import HTML, Page, asset_page
from userapi.web.problems import CATALOGUE_PATH
from userapi.web.rendering import render

DOCS_PATH = "/docs"
_DOCUMENT_PATH = "/openapi.json"
_JSON = "application/json"


_ASSETS = {
    name: asset_page(name, package, folder)
    for name, package, folder in (
        ("swagger-ui.css", "flask_swagger_ui", "dist"),
        ("swagger-ui-bundle.js", "flask_swagger_ui", "dist"),
        ("docs.css", "userapi.web", "static"),
        ("errors.css", "userapi.web", "static"),
        ("docs.js", "userapi.web", "static"),
        ("calling.js", "userapi.web", "static"),
        ("folding.js", "userapi.web", "static"),
        ("sign-in.js", "userapi.web", "static"),
    )
}


def init_docs(app: Flask, api: Api, *, has_document: bool, has_pages: bool) -> None:
    """Serve the document of `api` and its pages, or an index in their place.

    Without the document there are no pages either.
    """
    blueprint = Blueprint("docs", __name__)
    documents = {
        _DOCUMENT_PATH: Page(_JSON, partial(document_as_json, api)),
        "/openapi.yaml": Page("application/yaml", partial(document_as_yaml, api)),
    }
    if has_document:
        _add_pages(blueprint, documents)
    if has_document and has_pages:
        _add_pages(
            blueprint,
            {
                DOCS_PATH: Page(HTML, lambda _: render("docs.html")),
                CATALOGUE_PATH: Page(HTML, lambda _: render_catalogue()),
            },
        )
        blueprint.add_url_rule("/", "root", _to_docs)
        blueprint.add_url_rule(f"{DOCS_PATH}/", "slash", _to_docs_for_good)
        blueprint.add_url_rule(f"{DOCS_PATH}/assets/<name>", "asset", _asset)
    else:
        index = partial(_render_index, api, has_document=has_document)
        blueprint.add_url_rule("/", "root", Page(_JSON, index).respond)
    app.register_blueprint(blueprint)


def _add_pages(blueprint: Blueprint, pages: Mapping[str, Page]) -> None:
    for path, page in pages.items():
        blueprint.add_url_rule(path, path.strip("/").replace(".", "_"), page.respond)


def _to_docs() -> Redirection:
    return redirect(DOCS_PATH)


def _to_docs_for_good() -> Redirection:
    return redirect(DOCS_PATH, code=308)


def _asset(name: str) -> Response:
    page = _ASSETS.get(name)
    if page is None:
        raise NotFound
    return page.respond()


def _render_index(api: Api, prefix: str, *, has_document: bool) -> str:
    """Return where to go on: the document, and what anybody may read, by the operation's id."""
    links = {"openapi": _DOCUMENT_PATH} if has_document else {}
    for path, operations in api.document()["paths"].items():
        reading = operations.get("get")
        if reading and not reading["security"] and "{" not in path:
            links[reading["operationId"]] = path
    shown = {name: f"{prefix}{path}" for name, path in links.items()}
    return json.dumps({"title": TITLE, "links": shown}, indent=2) + "\n"
