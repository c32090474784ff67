"""The OpenAPI document: valid, complete, and true."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from contract.operations import mistakes_in, operations_of
from userapi.kit.errors import DomainError
from userapi.mail.links import LINK_PAGES, LinkKind
from userapi.web.problems import FRAMEWORK_PROBLEMS

PROBLEM = {"$ref": "#/components/schemas/Problem"}
LINK_ASSETS = ("colour.css", "link-pages.css", "link-pages.js")
UNDOCUMENTED = {
    ("GET", "/"),
    ("GET", "/docs"),
    ("GET", "/docs/"),
    ("GET", "/docs/assets/{name}"),
    ("GET", "/docs/errors"),
    ("GET", "/openapi.json"),
    ("GET", "/openapi.yaml"),
    *(("GET", f"{LINK_PAGES}/{kind}") for kind in LinkKind),
    *(("GET", f"{LINK_PAGES}/assets/{name}") for name in LINK_ASSETS),
}
SERVED = ["/openapi.json", "/openapi.yaml"]


@pytest.fixture
def pages(documented_app: Flask) -> FlaskClient:
    """A client of the application whose document is looked at."""
    return documented_app.test_client()


def responses_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every response: its operation and status in words, its status, and itself."""
    for operation in operations_of(document):
        for status, response in operation.facts["responses"].items():
            yield f"{operation.name} {status}", status, response


def bodies_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every body that is sent or answered: where it is, and what is said of it."""
    for operation in operations_of(document):
        for media in operation.facts.get("requestBody", {}).get("content", {}).values():
            yield f"{operation.name} request", media
    for name, _, response in responses_of(document):
        for media in response.get("content", {}).values():
            yield name, media


def examples_in(media: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in media.get("examples", {}).values()]
    return [*named, media["example"]] if "example" in media else named


def declared_codes(document: dict[str, Any]) -> set[str]:
    """Return the code of every error that some operation declares."""
    return {
        code
        for _, _, response in responses_of(document)
        for code in response.get("content", {})
        .get("application/problem+json", {})
        .get("examples", {})
    }


def our_errors(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every error class of the package that has a code, but not those of other tests."""
    for error in base.__subclasses__():
        if error.__module__.startswith("userapi.") and "code" in vars(error):
            yield error
        yield from our_errors(error)


class TestValidity:
    def test_the_document_is_valid(self, document: dict[str, Any]) -> None:
        openapi_spec_validator.validate(document)

    def test_no_schema_was_numbered_for_want_of_a_name(self, document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]

        assert [name for name in schemas if re.search(r"[0-9]$", name)] == []

    def test_every_schema_is_used(self, document: dict[str, Any]) -> None:
        used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))

        assert used == set(document["components"]["schemas"])

    def test_every_example_is_valid(self, document: dict[str, Any]) -> None:
        mistakes = [
            f"{name}: {mistake}"
            for name, media in bodies_of(document)
            for example in examples_in(media)
            for mistake in mistakes_in(example, media["schema"], document)
        ]

        assert mistakes == []

    def test_every_body_has_an_example(self, document: dict[str, Any]) -> None:
        without = [name for name, media in bodies_of(document) if not examples_in(media)]

        assert without == []

    def test_an_example_with_a_mistake_would_be_found(self, document: dict[str, Any]) -> None:
        user = {"$ref": "#/components/schemas/User"}

        assert mistakes_in({"id": "seven"}, user, document) != []


class TestOperations:
    def test_every_operation_has_an_id_of_its_own(self, document: dict[str, Any]) -> None:
        ids = Counter(operation.facts.get("operationId") for operation in operations_of(document))

        assert [name for name, count in ids.items() if name is None or count > 1] == []

    def test_every_operation_is_summarised(self, document: dict[str, Any]) -> None:
        silent = [it.name for it in operations_of(document) if not it.facts.get("summary")]

        assert silent == []

    def test_every_operation_has_one_declared_tag(self, document: dict[str, Any]) -> None:
        declared = {tag["name"] for tag in document["tags"]}

        stray = [
            it.name
            for it in operations_of(document)
            if len(it.facts.get("tags", [])) != 1 or not declared.issuperset(it.facts["tags"])
        ]
        assert stray == []

    def test_every_operation_says_who_may_call_it(self, document: dict[str, Any]) -> None:
        silent = [it.name for it in operations_of(document) if "security" not in it.facts]

        assert silent == []

    def test_every_security_scheme_is_declared(self, document: dict[str, Any]) -> None:
        asked_for = {
            scheme
            for operation in operations_of(document)
            for requirement in operation.facts["security"]
            for scheme in requirement
        }

        assert asked_for == set(document["components"]["securitySchemes"])

    def test_every_operation_has_one_kind_of_success(self, document: dict[str, Any]) -> None:
        successes = {
            it.name: [status for status in it.facts["responses"] if status.startswith("2")]
            for it in operations_of(document)
        }

        several = {name: found for name, found in successes.items() if len(found) != 1}
        # What is accepted may be done at once, or wait for a proof.
        assert several == {"register": ["201", "202"]}


class TestRoutes:
    def test_the_routes_are_the_documented_ones_and_the_known_rest(
        self, documented_app: Flask, document: dict[str, Any]
    ) -> None:
        routes = {
            (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
            for rule in documented_app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }

        documented = {(it.method, it.path) for it in operations_of(document)}
        assert routes == documented | UNDOCUMENTED


class TestErrors:
    def test_every_error_response_is_a_problem(self, document: dict[str, Any]) -> None:
        odd = [
            name
            for name, status, response in responses_of(document)
            if int(status) >= 400
            and {media: it["schema"] for media, it in response["content"].items()}
            != {"application/problem+json": PROBLEM}
        ]

        assert odd == []

    def test_every_example_of_a_problem_has_the_status_of_its_response(
        self, document: dict[str, Any]
    ) -> None:
        odd = [
            f"{name} {code}"
            for name, status, response in responses_of(document)
            if int(status) >= 400
            for code, example in response["content"]["application/problem+json"]["examples"].items()
            if (example["value"]["code"], example["value"]["status"]) != (code, int(status))
        ]

        assert odd == []

    def test_every_error_of_the_package_is_declared_by_some_operation(
        self, document: dict[str, Any]
    ) -> None:
        assert {error.code for error in our_errors()} == declared_codes(document)

    def test_no_two_errors_share_a_code(self) -> None:
        codes = Counter(error.code for error in set(our_errors()))

        assert [code for code, count in codes.items() if count > 1] == []

    def test_codes_are_kebab_case(self) -> None:
        codes = {error.code for error in our_errors()}

        assert [code for code in codes if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)] == []

    def test_every_code_is_explained_on_the_page_of_errors(self, pages: FlaskClient) -> None:
        page = pages.get("/docs/errors").text

        codes = {error.code for error in our_errors()}
        codes |= {code for code, _, _ in FRAMEWORK_PROBLEMS.values()}
        assert [code for code in codes if page.count(f'id="{code}"') != 1] == []

    def test_the_type_of_a_problem_leads_to_its_explanation(self, pages: FlaskClient) -> None:
        problem = pages.get("/nowhere").get_json()

        path, _, anchor = problem["type"].partition("#")
        assert f'id="{anchor}"' in pages.get(path).text
        assert anchor == problem["code"]


class TestServing:
    def test_json_and_yaml_say_the_same(self, pages: FlaskClient, document: dict[str, Any]) -> None:
        text = pages.get("/openapi.yaml").text

        assert yaml.safe_load(text) == document

    @pytest.mark.parametrize(
        ("path", "media_type"),
        [("/openapi.json", "application/json"), ("/openapi.yaml", "application/yaml")],
    )
    def test_the_document_has_its_media_type(
        self, pages: FlaskClient, path: str, media_type: str
    ) -> None:
        answer = pages.get(path)

        assert (answer.status_code, answer.mimetype) == (200, media_type)

    @pytest.mark.parametrize("path", SERVED)
    def test_the_document_has_an_etag(self, pages: FlaskClient, path: str) -> None:
        etag, is_weak = pages.get(path).get_etag()

        assert (bool(etag), is_weak) == (True, False)

    @pytest.mark.parametrize("path", SERVED)
    def test_a_copy_that_is_current_is_not_sent_again(self, pages: FlaskClient, path: str) -> None:
        etag = pages.get(path).headers["ETag"]

        answer = pages.get(path, headers={"If-None-Match": etag})

        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == etag

    @pytest.mark.parametrize("path", SERVED)
    def test_a_copy_that_is_stale_is_replaced(self, pages: FlaskClient, path: str) -> None:
        answer = pages.get(path, headers={"If-None-Match": '"another"'})

        assert (answer.status_code, answer.data) == (200, pages.get(path).data)

    def test_the_etags_of_both_forms_differ(self, pages: FlaskClient) -> None:
        etags = {pages.get(path).headers["ETag"] for path in SERVED}

        assert len(etags) == 2
