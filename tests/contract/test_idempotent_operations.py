"""Which operations take an idempotency key, and what of their answers is kept."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from contract.declared import named
from contract.operations import Operation, operations_of
from userapi.testing.contract import Kind

KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
REPLAYED = {"$ref": "#/components/headers/IdempotencyReplayed"}
CODES = {"idempotency-key-in-use", "idempotency-key-reused"}
HINT = "edit `@idempotent`, or the operation's kind in contract.py of the feature's tests"
SECRET = re.compile("token|password|secret|hash", re.IGNORECASE)


@pytest.fixture(scope="session")
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Every operation, by its name."""
    return {operation.name: operation for operation in operations_of(document)}


def takes_key(operation: Operation) -> bool:
    return KEY in operation.facts.get("parameters", [])


def properties_of(
    schema: Any, document: dict[str, Any], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield the name of every property of a schema, and of the schemas in it."""
    if isinstance(schema, list):
        for item in schema:
            yield from properties_of(item, document, seen)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        name = reference.removeprefix("#/components/schemas/")
        yield from properties_of(
            document["components"]["schemas"][name], document, seen | {reference}
        )
    if isinstance(schema.get("properties"), dict):
        yield from schema["properties"]
    for part in schema.values():
        yield from properties_of(part, document, seen)


def secrets_answered_by(operation: Operation, document: dict[str, Any]) -> set[str]:
    """Return the names in all answers of an operation that sound like secrets."""
    return {
        name
        for response in operation.facts["responses"].values()
        for media in response.get("content", {}).values()
        for name in properties_of(media["schema"], document)
        if SECRET.search(name)
    }


def pattern_in(document: dict[str, Any]) -> str:
    pattern: str = document["components"]["parameters"]["IdempotencyKey"]["schema"]["pattern"]
    return pattern


def test_exactly_the_operations_that_create_take_a_key(operations: dict[str, Operation]) -> None:
    names = {name for name, operation in operations.items() if takes_key(operation)}

    assert names == set(named(Kind.CREATE, Kind.BATCH)), HINT


def test_no_other_operation_speaks_of_keys(operations: dict[str, Operation]) -> None:
    of_keys = re.compile("(?i)idempotency.?(key|replayed)")
    speaking = {name for name, it in operations.items() if of_keys.search(str(it.facts))}

    assert speaking == set(named(Kind.CREATE, Kind.BATCH)), HINT


def test_a_key_may_be_left_out(document: dict[str, Any]) -> None:
    parameter = document["components"]["parameters"]["IdempotencyKey"]

    assert (parameter["name"], parameter["in"]) == ("Idempotency-Key", "header")
    assert not parameter.get("required", False)


@pytest.mark.parametrize("name", named(Kind.CREATE, Kind.BATCH))
class TestOperationWithKey:
    def test_tells_when_its_answer_is_given_again(
        self, operations: dict[str, Operation], name: str
    ) -> None:
        responses = operations[name].facts["responses"]
        done = responses[min(responses)]

        assert done["headers"]["Idempotency-Replayed"] == REPLAYED

    def test_declares_how_a_key_is_refused(
        self, operations: dict[str, Operation], name: str
    ) -> None:
        responses = operations[name].facts["responses"]

        examples = responses["409"]["content"]["application/problem+json"]["examples"]
        assert examples.keys() >= CODES

    def test_answers_no_secret_that_would_be_kept(
        self, operations: dict[str, Operation], document: dict[str, Any], name: str
    ) -> None:
        assert secrets_answered_by(operations[name], document) == set()


@pytest.mark.parametrize("key", ["k", '"k"', "k" * 255, f'"{"k" * 255}"'])
def test_the_documented_pattern_has_good_keys(document: dict[str, Any], key: str) -> None:
    assert re.search(pattern_in(document), key)


@pytest.mark.parametrize("key", ["", '""', '"k', "two words", "back\\slash", "ключ", "k" * 256])
def test_the_documented_pattern_has_no_bad_keys(document: dict[str, Any], key: str) -> None:
    assert not re.search(pattern_in(document), key)


def test_an_answer_with_a_secret_would_be_found(
    operations: dict[str, Operation], document: dict[str, Any]
) -> None:
    found = secrets_answered_by(operations["login"], document)

    assert {"access_token", "refresh_token"} <= found
