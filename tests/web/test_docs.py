"""What leads to the documentation, and what is there where it is not served."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from support.applications import application, settings_for_testing
from support.paths import JWKS, LIVE, READY
from userapi import __version__
from userapi.web.problem_schemas import KNOWN_MISTAKES

pytestmark = pytest.mark.any_database

DOCUMENTS = ("/openapi.json", "/openapi.yaml")
PAGES = ("/docs", "/docs/", "/docs/errors", "/docs/assets/docs.js")
OPEN = {"get_liveness": LIVE, "get_readiness": READY, "get_jwks": JWKS}
OFF = {
    "without-pages": {"DOCS_ENABLED": "false"},
    "without-the-document": {"OPENAPI_ENABLED": "false"},
    "without-both": {"DOCS_ENABLED": "false", "OPENAPI_ENABLED": "false"},
}


def client_with(folder: Path, variables: dict[str, str]) -> Iterator[FlaskClient]:
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        yield app.test_client()


@pytest.fixture(scope="module", params=[*OFF.values()], ids=[*OFF])
def off(request: pytest.FixtureRequest, folder: Path) -> Iterator[FlaskClient]:
    """A client of a service without pages."""
    yield from client_with(folder, request.param)


@pytest.fixture(scope="module")
def without_pages(folder: Path) -> Iterator[FlaskClient]:
    """A client of a service that has the document and no pages."""
    yield from client_with(folder, OFF["without-pages"])


@pytest.fixture(scope="module")
def without_document(folder: Path) -> Iterator[FlaskClient]:
    """A client of a service that does not tell its document."""
    yield from client_with(folder, OFF["without-the-document"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "status"), [("/", 302), ("/?a=b", 302), ("/docs/", 308), ("/docs/?a", 308)]
)
def test_whoever_misses_the_page_is_led_to_it(
    testing: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = testing.open(path, method=method)

    assert (answer.status_code, answer.headers["Location"]) == (status, "/docs")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("variables", [{}, OFF["without-pages"]], ids=["on", "off"])
def test_the_root_answers_where_limits_are_counted(folder: Path, variables: dict[str, str]) -> None:
    for client in client_with(folder, {"RATELIMIT_ENABLED": "true", **variables}):
        assert client.get("/").status_code in (200, 302)
        assert client.get("/docs/").status_code in (308, 404)


def test_without_pages_the_document_stays(without_pages: FlaskClient) -> None:
    assert [without_pages.get(path).status_code for path in DOCUMENTS] == [200, 200]


@pytest.mark.parametrize("path", PAGES)
def test_pages_that_are_off_are_not_found(off: FlaskClient, path: str) -> None:
    answer = off.get(path)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "path-not-found")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_that_is_off_is_not_found(without_document: FlaskClient, path: str) -> None:
    assert without_document.get(path).status_code == 404


def test_without_pages_problems_keep_their_names(off: FlaskClient) -> None:
    assert off.get("/nowhere").get_json()["type"] == "/docs/errors#path-not-found"


def test_without_pages_the_root_tells_what_anybody_may_read(without_pages: FlaskClient) -> None:
    answer = without_pages.get("/")

    assert answer.mimetype == "application/json"
    assert answer.get_json() == {
        "title": "userapi",
        "links": {"openapi": "/openapi.json", **OPEN},
    }


def test_without_the_document_the_root_does_not_name_it(without_document: FlaskClient) -> None:
    assert without_document.get("/").get_json()["links"] == OPEN


def test_the_root_does_not_tell_the_version(off: FlaskClient) -> None:
    assert __version__ not in off.get("/").text


def test_every_link_of_the_root_is_found(without_pages: FlaskClient) -> None:
    links = without_pages.get("/").get_json()["links"].values()

    assert [path for path in links if without_pages.get(path).status_code == 404] == []


def test_an_index_that_is_current_is_not_sent_again(off: FlaskClient) -> None:
    etag = off.get("/").headers["ETag"]

    answer = off.get("/", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_index_has_a_head(off: FlaskClient) -> None:
    answer = off.head("/")

    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


@pytest.fixture(scope="module")
def catalogue(testing: FlaskClient) -> str:
    """The page of errors."""
    return testing.get("/docs/errors").text


def test_the_contents_lead_to_every_entry(catalogue: str) -> None:
    contents, entries = catalogue.split("</nav>")
    sections = re.findall(r'<section id="([^"]+)">', entries)

    assert len(sections) == len({*sections})
    assert {*re.findall(r'<li><a href="#([^"]+)">', contents)} == {*sections}


def test_every_known_mistake_is_explained(catalogue: str) -> None:
    for code, explanation in KNOWN_MISTAKES.items():
        assert f'id="mistake-{code}"' in catalogue
        assert explanation.endswith(".")


def test_many_who_read_the_document_first_at_once_get_all_of_it(tmp_path: Path) -> None:
    settings = settings_for_testing(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path)
    with application(settings) as app, ThreadPoolExecutor(8) as pool:
        read = [pool.submit(app.test_client().get, "/openapi.json") for _ in range(8)]
        answers = [one.result() for one in read]

    assert [answer.status_code for answer in answers] == [200] * 8
    documents = {json.dumps(answer.get_json()) for answer in answers}
    assert len(documents) == 1
    assert "/api/v1/users" in json.loads(documents.pop())["paths"]
