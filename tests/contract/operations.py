"""The operations of an OpenAPI document."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One method of one path; `facts` is what the document says of it."""

    method: str
    path: str
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """Its operationId; before that is checked, its method and path."""
        return str(self.facts.get("operationId", f"{self.method} {self.path}"))


def operations_of(document: dict[str, Any]) -> Iterator[Operation]:
    """Yield every operation, with its responses where the document only refers to them."""
    for path, item in document["paths"].items():
        for method in item.keys() & set(_METHODS):
            facts = item[method]
            responses = {
                status: resolved(response, document)
                for status, response in facts.get("responses", {}).items()
            }
            yield Operation(method.upper(), path, {**facts, "responses": responses})


def resolved(fact: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference leads to; anything else as it is."""
    if "$ref" not in fact:
        return fact
    found: Any = document
    for step in fact["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def mistakes_in(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Return how `value` breaks a schema of the document."""
    complete = {**schema, "components": document["components"]}
    validator = OAS31Validator(complete, format_checker=oas31_format_checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
