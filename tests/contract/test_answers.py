"""Answers may grow: no schema of theirs is closed, and known values are only told."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from contract.answers import closed_in
from contract.edits import Edits, edited
from userapi.kit.events import known_events
from userapi.kit.principal import Role

SOURCES = Path(__file__).parents[2] / "src" / "userapi"
SCHEMAS = ("components", "schemas")
ROLE = (*SCHEMAS, "User", "properties", "role")
HEADER = ("components", "headers", "Location", "schema")
SHARED = ("paths", "/api/v1/users", "post", "responses", "201", "content", "application/json")
KNOWN = "x-known-values"


def properties_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each field of each schema: the schema's name, its own, and what is said of it."""
    for name, schema in document["components"]["schemas"].items():
        for field, facts in schema.get("properties", {}).items():
            yield name, field, facts


def known_values(document: dict[str, Any], schema: str, field: str) -> list[str]:
    values: list[str] = document["components"]["schemas"][schema]["properties"][field][KNOWN]
    return values


def test_nothing_in_an_answer_is_closed(document: dict[str, Any]) -> None:
    assert closed_in(document) == []


@pytest.mark.parametrize(
    ("edits", "where", "hint"),
    [
        ({(*ROLE, "enum"): ["user"]}, "components/schemas/User/properties/role", "OpenString"),
        ({(*ROLE, "const"): "user"}, "components/schemas/User/properties/role", "OpenString"),
        ({(*HEADER, "enum"): ["/"]}, "components/headers/Location/schema", "OpenString"),
        ({(*SCHEMAS, "User", "additionalProperties"): False}, "schemas/User", "OutputSchema"),
        (
            {(*SHARED, "schema"): {"$ref": "#/components/schemas/RoleChange"}},
            "components/schemas/RoleChange/properties/role",
            "has to become two",
        ),
    ],
    ids=["enum", "const", "header", "closed-object", "schema-of-a-request"],
)
def test_what_is_closed_is_found_with_what_to_do(
    edits: Edits, where: str, hint: str, document: dict[str, Any]
) -> None:
    found = closed_in(edited(document, edits))

    assert [fault for fault in found if where in fault and hint in fault] != []


def test_a_field_may_be_named_like_a_keyword(document: dict[str, Any]) -> None:
    named: Edits = {(*SCHEMAS, "User", "properties", "const"): {"type": "string"}}

    assert closed_in(edited(document, named)) == []


def test_what_comes_in_is_still_closed(document: dict[str, Any]) -> None:
    role = document["components"]["schemas"]["RoleChange"]["properties"]["role"]

    assert role["enum"] == [*Role]


@pytest.mark.parametrize(
    ("schema", "field", "values"),
    [("User", "role", [*Role]), ("AuditEvent", "event", known_events())],
    ids=["roles", "events"],
)
def test_known_values_are_those_of_the_code(
    schema: str, field: str, values: list[str], document: dict[str, Any]
) -> None:
    assert known_values(document, schema, field) == values


def test_known_codes_are_on_the_page_of_errors(
    document: dict[str, Any], documented_app: Flask
) -> None:
    page = documented_app.test_client().get("/docs/errors").text

    codes = known_values(document, "Problem", "code")
    assert [code for code in codes if f'id="{code}"' not in page] == []
    assert {"stale-version", "method-not-allowed"} <= {*codes}


def test_known_mistakes_are_those_that_the_code_names(document: dict[str, Any]) -> None:
    pattern = re.compile(r'(?:CodedMessage|FieldError)\(\s*(?:code=)?"([a-z-]+)"')
    named = {
        code for path in SOURCES.rglob("*.py") for code in pattern.findall(path.read_text("utf-8"))
    }

    assert {*known_values(document, "ProblemFieldError", "code")} == named | {"invalid"}


def test_known_values_are_in_the_description_too(document: dict[str, Any]) -> None:
    silent = [
        f"{schema}.{field}: {value}"
        for schema, field, facts in properties_of(document)
        for value in facts.get(KNOWN, [])
        if f"`{value}`" not in facts["description"] or "others may come" not in facts["description"]
    ]

    assert silent == []


def test_values_that_are_known_are_plain_strings(document: dict[str, Any]) -> None:
    kinds = {
        f"{schema}.{field}": facts["type"]
        for schema, field, facts in properties_of(document)
        if KNOWN in facts
    }

    assert kinds.keys() >= {"User.role", "AuditEvent.event", "Problem.code", "TokenPair.token_type"}
    assert {*kinds.values()} == {"string"}


@pytest.mark.parametrize("name", ["IfMatch", "IfNoneMatch"])
@pytest.mark.parametrize("value", ["*", '"7-3"', 'W/"7-3"', '"7-3", W/"x"', "7-3", ',"7-3",'])
def test_lists_of_tags_are_what_conditional_headers_may_have(
    name: str, value: str, document: dict[str, Any]
) -> None:
    schema = document["components"]["parameters"][name]["schema"]

    assert re.search(schema["pattern"], value)
    assert len(value) <= schema["maxLength"]


@pytest.mark.parametrize("name", ["IfMatch", "IfNoneMatch"])
@pytest.mark.parametrize("value", ["", ",", '"', '"a" "b"', '"a b"', 'w/"a"'])
def test_other_texts_are_not_what_conditional_headers_may_have(
    name: str, value: str, document: dict[str, Any]
) -> None:
    assert not re.search(document["components"]["parameters"][name]["schema"]["pattern"], value)
