"""The pages that mailed links lead to, as they are served."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from support.applications import application, settings_for_testing
from userapi.link_pages.words import WORDS
from userapi.mail.links import LINK_PAGES, LinkKind
from userapi.passwords.weakness import Weakness
from userapi.web.pages import PAGE_POLICY

pytestmark = pytest.mark.any_database

PAGES = [f"{LINK_PAGES}/{kind}" for kind in LinkKind]
ASSETS = [
    f"{LINK_PAGES}/assets/{name}" for name in ("link-pages.js", "link-pages.css", "colour.css")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the application keeps its files."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def testing(folder: Path) -> Iterator[FlaskClient]:
    """A client of the application, which needs no database for pages."""
    with application(settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder)) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def document(testing: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    served: dict[str, Any] = testing.get("/openapi.json").get_json()
    return served


@pytest.mark.parametrize("path", [*PAGES, *ASSETS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_is_served_under_the_strict_policy(
    testing: FlaskClient, method: str, path: str
) -> None:
    answer = testing.open(path, method=method)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", [*PAGES, *ASSETS])
def test_a_page_that_is_current_is_not_sent_again(testing: FlaskClient, path: str) -> None:
    tag = testing.get(path).headers["ETag"]

    assert testing.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_nothing(testing: FlaskClient, path: str) -> None:
    assert testing.post(path, json={"token": "uao_x"}).status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_nothing_inline_and_nothing_of_strangers(
    testing: FlaskClient, path: str
) -> None:
    page = testing.get(path).text

    assert re.findall(r"<style|style=|\bon[a-z]+=|javascript:", page) == []
    assert re.findall(r"<script(?! src=)", page) == []
    addresses = re.findall(r'(?:src|href|data-url)="([^"]*)"', page)
    assert [it for it in addresses if not it.startswith(("assets/", "../api/v1/", "data:,"))] == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [("de-AT,de;q=0.9,en;q=0.5", "de"), ("en-GB", "en"), ("fr", "en"), ("", "en"), (";;,=", "en")],
)
def test_a_page_speaks_the_browsers_language(
    testing: FlaskClient, path: str, accepted: str, language: str
) -> None:
    answer = testing.get(path, headers={"Accept-Language": accepted})

    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
    assert f'<html lang="{language}">' in answer.text


def test_pages_have_the_products_name_and_colour(folder: Path) -> None:
    variables = {"PRODUCT_NAME": "Ada & Söhne", "MAIL_COLOUR": "#7a1f5c"}
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        client = app.test_client()
        page, style = (client.get(path).text for path in (PAGES[0], ASSETS[2]))

    assert '<p class="product">Ada &amp; Söhne</p>' in page
    assert "--accent: #7a1f5c;" in style


@pytest.mark.parametrize("language", WORDS)
def test_every_language_says_everything(language: str) -> None:
    said, english = WORDS[language], WORDS["en"]

    assert said.pages.keys() == {*LinkKind}
    assert said.common.troubles.keys() == english.common.troubles.keys()
    assert said.common.mistakes.keys() == english.common.mistakes.keys()
    assert {weakness.code for weakness in Weakness} <= said.common.mistakes.keys()
    assert "{time}" in said.common.too_many
    assert "{length}" in said.common.password_hint


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_what_its_operation_takes(
    testing: FlaskClient, document: dict[str, Any], path: str
) -> None:
    page = testing.get(path).text
    (url,) = re.findall(r'data-url="\.\.(/api/v1[^"]+)"', page)
    (token,) = re.findall(r'data-token="([^"]+)"', page)
    sent = {token, *re.findall(r'<input id="[^"]+" name="([^"]+)"', page)}

    body = document["paths"][url]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][body["$ref"].rpartition("/")[2]]
    assert sent <= schema["properties"].keys()
    assert {*schema["required"]} <= sent
