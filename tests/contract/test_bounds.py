"""The document tells how long, how large and how many everything is, and that is true."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from contract.operations import mistakes_in
from support.paths import ME
from userapi.kit.errors import all_domain_errors
from userapi.web.problems import problem_example

MAX_ID = 2**63 - 1
IDS = {"id", "user_id", "post_id", "author_id", "edited_by", "actor_id", "subject_id"}
PROBLEM = {"$ref": "#/components/schemas/Problem"}
LONG_PATHS = {
    "ascii": "/" + "a" * 5_000,
    "emoji": "/" + "😀" * 5_000,
    "controls": "/" + "\x01" * 5_000,
    "surrogates": "/\udcff" * 5_000,
}


def schemas_in(item: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each schema with a type: where it is, and itself."""
    if isinstance(item, list):
        for number, part in enumerate(item):
            yield from schemas_in(part, f"{place}/{number}")
    if not isinstance(item, dict):
        return
    if isinstance(item.get("type"), str | list) and not place.endswith("/properties"):
        yield place, item
    for key in item.keys() - {"example", "examples", "securitySchemes"}:
        yield from schemas_in(item[key], f"{place}/{key}")


def of_type(document: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return the schemas of that type, by their places."""
    return {place: schema for place, schema in schemas_in(document) if kind in schema["type"]}


def test_every_text_has_a_length(document: dict[str, Any]) -> None:
    texts = of_type(document, "string")

    assert len(texts) > 50
    assert [it for it, facts in texts.items() if not {"maxLength", "enum"} & facts.keys()] == []


def test_every_number_has_a_range_and_the_format_that_holds_it(document: dict[str, Any]) -> None:
    numbers = of_type(document, "integer")

    assert len(numbers) > 20
    assert [it for it, facts in numbers.items() if not {"minimum", "maximum"} <= {*facts}] == []
    wide = {it for it, facts in numbers.items() if facts["maximum"] >= 2**31}
    assert {it: facts["format"] for it, facts in numbers.items()} == {
        it: "int64" if it in wide else "int32" for it in numbers
    }


def test_every_list_has_a_size(document: dict[str, Any]) -> None:
    lists = of_type(document, "array")

    assert len(lists) > 5
    assert [place for place, facts in lists.items() if "maxItems" not in facts] == []


def test_ids_have_64_bits_wherever_they_are(document: dict[str, Any]) -> None:
    numbers = of_type(document, "integer")
    parameters = {
        f"{place}/{parameter['name']}": parameter["schema"]
        for place, item in document["paths"].items()
        for holder in item.values()
        for parameter in (holder if isinstance(holder, list) else holder.get("parameters", []))
        if parameter.get("name") in IDS
    }
    fields = {it: facts for it, facts in numbers.items() if it.rpartition("/")[2] in IDS}

    found = {**parameters, **fields}
    assert {place.rpartition("/")[2] for place in found} == IDS
    assert {(it["format"], it["minimum"], it["maximum"]) for it in found.values()} == {
        ("int64", 1, MAX_ID)
    }


def test_what_is_said_of_each_error_is_short_enough(document: dict[str, Any]) -> None:
    long = {
        error.code: mistakes
        for error in all_domain_errors()
        if (mistakes := mistakes_in(problem_example(error, "/"), PROBLEM, document))
    }

    assert long == {}


@pytest.mark.any_database
@pytest.mark.parametrize("path", LONG_PATHS.values(), ids=LONG_PATHS)
def test_a_problem_keeps_its_bounds_at_any_path(
    client: FlaskClient, document: dict[str, Any], path: str
) -> None:
    raw = path.encode("utf-8", "surrogateescape").decode("latin-1")

    problem = client.get("/", environ_overrides={"PATH_INFO": raw}).get_json()

    assert problem["code"] == "path-not-found"
    assert mistakes_in(problem, PROBLEM, document) == []


@pytest.mark.any_database
def test_a_problem_keeps_its_bounds_whatever_is_wrong(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    body = {f"~/{number}{'😀' * 40}": "" for number in range(60)}

    problem = client.post("/api/v1/users", json=body).get_json()

    assert len(problem["errors"]) == 50
    assert mistakes_in(problem, PROBLEM, document) == []


@pytest.mark.any_database
def test_a_problem_keeps_its_bounds_at_unknown_parameters(
    client: FlaskClient, document: dict[str, Any]
) -> None:
    problem = client.get(ME, query_string={"😀" * 500: ""}).get_json()

    assert mistakes_in(problem, PROBLEM, document) == []
