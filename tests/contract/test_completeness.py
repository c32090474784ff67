"""The OpenAPI document leaves nothing out that a reader or a generator of clients needs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contract.declared import CALLS, named
from contract.operations import Operation, operations_of, resolved
from userapi.testing.contract import ANSWERED, READ_FROM_REQUEST, Kind

LIMITED = {name for name, call in CALLS.items() if call.is_limited}
UNLIMITED = {"get_liveness", "get_readiness"}
"""What those ask who would take a refusal for a failure."""
LEADING = {Kind.CREATE, Kind.ADD, Kind.READ, Kind.LIST, Kind.WHOLE_LIST}
"""The kinds of operations whose answers lead to others."""
HINT = "edit its decorators, or its kind in contract.py of the feature's tests"


@pytest.fixture
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Every operation of the document, by its name."""
    return {operation.name: operation for operation in operations_of(document)}


def parameters_of(operation: Operation, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operation's parameters, those of its path included."""
    of_path = document["paths"][operation.path].get("parameters", [])
    return [resolved(it, document) for it in [*of_path, *operation.facts.get("parameters", [])]]


def success_of(operation: Operation) -> dict[str, Any]:
    """Return the operation's successful response."""
    responses = operation.facts["responses"]
    success: dict[str, Any] = responses[min(responses)]
    return success


def bodies_of(operation: Operation) -> Iterator[dict[str, Any]]:
    """Yield the schema of everything that the operation takes or answers."""
    holders = [operation.facts.get("requestBody", {}), *operation.facts["responses"].values()]
    for holder in holders:
        for media in holder.get("content", {}).values():
            yield media["schema"]


def types_in(schema: dict[str, Any]) -> set[str]:
    """Return the types that a value may have: none for a reference, two where null is one."""
    named = schema.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def test_every_operation_has_a_description(operations: dict[str, Operation]) -> None:
    assert [name for name, it in operations.items() if not it.facts.get("description")] == []


def test_every_parameter_is_described(
    document: dict[str, Any], operations: dict[str, Operation]
) -> None:
    silent = [
        f"{name} {parameter['name']}"
        for name, operation in operations.items()
        for parameter in parameters_of(operation, document)
        if not parameter.get("description")
    ]

    assert silent == []


def test_every_body_is_a_named_schema(operations: dict[str, Operation]) -> None:
    unnamed = [
        name
        for name, operation in operations.items()
        for schema in bodies_of(operation)
        # A file is what it is.
        if schema.keys() != {"$ref"} and schema.get("format") != "binary"
    ]

    assert unnamed == []


def test_no_schema_holds_an_object_without_a_name(document: dict[str, Any]) -> None:
    unnamed = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, facts in schema["properties"].items()
        if "object" in types_in(facts) | types_in(facts.get("items", {}))
        # A map has a good type without a name, and so has a list of maps.
        and "additionalProperties" not in {**facts.get("items", {}), **facts}
    ]

    assert unnamed == []


def test_every_text_that_comes_in_has_a_length(
    document: dict[str, Any], operations: dict[str, Operation]
) -> None:
    endless = [
        f"{operation.name} {field}"
        for operation in operations.values()
        for media in operation.facts.get("requestBody", {}).get("content", {}).values()
        for field, facts in resolved(media["schema"], document).get("properties", {}).items()
        if facts.get("type") == "string" and not {"maxLength", "enum"} & facts.keys()
    ]

    assert endless == []


def test_every_number_that_comes_in_has_a_range(
    document: dict[str, Any], operations: dict[str, Operation]
) -> None:
    endless = [
        f"{operation.name} {parameter['name']}"
        for operation in operations.values()
        for parameter in parameters_of(operation, document)
        if parameter["schema"]["type"] == "integer"
        and not {"minimum", "maximum"} <= parameter["schema"].keys()
    ]

    assert endless == []


def test_every_response_names_its_request(operations: dict[str, Operation]) -> None:
    silent = [
        f"{name} {status}"
        for name, operation in operations.items()
        for status, response in operation.facts["responses"].items()
        if "X-Request-Id" not in response["headers"]
    ]

    assert silent == []


@pytest.mark.parametrize("header", ["RateLimit", "RateLimit-Policy"])
def test_every_answer_of_a_limited_operation_tells_the_limits(
    operations: dict[str, Operation], header: str
) -> None:
    telling = {
        name: {header in response["headers"] for response in it.facts["responses"].values()}
        for name, it in operations.items()
    }

    assert telling == {name: {name not in UNLIMITED} for name in operations}


def test_every_operation_may_refuse_for_a_time_but_the_health_checks(
    operations: dict[str, Operation],
) -> None:
    refusals = {
        name: it.facts["responses"]["429"]
        for name, it in operations.items()
        if "429" in it.facts["responses"]
    }

    assert set(operations) - set(refusals) == UNLIMITED
    assert [name for name, it in refusals.items() if "Retry-After" not in it["headers"]] == []


def test_exactly_the_declared_operations_have_a_limit_of_their_own(
    operations: dict[str, Operation],
) -> None:
    limited = {name for name, it in operations.items() if "x-rate-limit" in it.facts}

    assert limited == LIMITED, HINT


def test_every_list_with_pages_tells_what_its_items_cost(
    operations: dict[str, Operation],
) -> None:
    telling = {name for name, it in operations.items() if it.facts.get("x-rate-limit-items") == 10}

    assert telling == set(named(Kind.LIST)), HINT


@pytest.mark.parametrize(("header", "kinds"), ANSWERED.items())
def test_a_header_is_told_of_exactly_the_answers_that_have_it(
    operations: dict[str, Operation], header: str, kinds: set[Kind]
) -> None:
    telling = {name for name, it in operations.items() if header in success_of(it)["headers"]}

    assert telling == set(named(*kinds)), HINT


@pytest.mark.parametrize(("header", "kinds"), READ_FROM_REQUEST.items())
def test_a_header_is_a_parameter_of_exactly_the_operations_that_read_it(
    document: dict[str, Any], operations: dict[str, Operation], header: str, kinds: set[Kind]
) -> None:
    reading = {
        name
        for name, operation in operations.items()
        if header in [parameter["name"] for parameter in parameters_of(operation, document)]
    }

    assert reading == set(named(*kinds)), HINT


def test_operations_that_create_read_or_list_lead_on(operations: dict[str, Operation]) -> None:
    leading = {name for name, it in operations.items() if success_of(it).get("links")}

    assert leading == set(named(*LEADING)), HINT


def test_links_lead_to_operations_with_these_parameters(
    document: dict[str, Any], operations: dict[str, Operation]
) -> None:
    astray = [
        f"{operation.name} -> {name}"
        for operation in operations.values()
        for name, link in success_of(operation).get("links", {}).items()
        if not link.get("parameters", {}).keys()
        <= {it["name"] for it in parameters_of(operations[link["operationId"]], document)}
    ]

    assert astray == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    components = document["components"]
    used = (
        {
            ("headers", header["$ref"].rpartition("/")[2])
            for operation in operations_of(document)
            for response in operation.facts["responses"].values()
            for header in response["headers"].values()
        }
        | {
            ("parameters", parameter["$ref"].rpartition("/")[2])
            for operation in operations_of(document)
            for parameter in operation.facts.get("parameters", [])
            if "$ref" in parameter
        }
        | {
            ("responses", reference.rpartition("/")[2])
            for reference in re.findall(r"#/components/responses/\w+", str(document["paths"]))
        }
    )

    kinds = ("headers", "parameters", "responses")
    assert used == {(kind, name) for kind in kinds for name in components[kind]}
