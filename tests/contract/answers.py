"""What a schema of an answer must not have: clients would refuse what they do not know yet."""

from collections.abc import Iterator
from typing import Any

from contract.operations import operations_of

_WHAT_TO_DO = (
    "a generated client refuses any other value, so that none could ever be added. Use in an "
    "answer OpenString(known=...) of web/fields.py; a list of values is closed (Choice) only in "
    "what comes in. A schema that is used both ways has to become two."
)
_CLOSED_OBJECT = (
    "an answer may always gain a field: derive its schema from OutputSchema of web/schemas.py, "
    "which leaves it open."
)


def closed_in(document: dict[str, Any]) -> list[str]:
    """Return each place of an answer that is closed, with what to do about it."""
    found: dict[str, str] = {}
    for operation in operations_of(document):
        for status, response in operation.facts["responses"].items():
            start = f"{operation.name} {status}"
            for place, fault in _closed_at(start, response, document, set()):
                found.setdefault(place, fault)
    return [f"{place}: {fault}" for place, fault in found.items()]


def _closed_at(
    place: str, item: Any, document: dict[str, Any], seen: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield what is closed there or below; a reference is followed once."""
    if isinstance(item, list):
        for number, part in enumerate(item):
            yield from _closed_at(f"{place}/{number}", part, document, seen)
    elif isinstance(item, dict) and isinstance(item.get("$ref"), str):
        way = item["$ref"].removeprefix("#/")
        if way not in seen:
            target: Any = document
            for key in way.split("/"):
                target = target[key]
            yield from _closed_at(way, target, document, seen | {way})
    elif isinstance(item, dict):
        yield from _faults_of(place, item)
        for key in item.keys() - {"example", "examples", "links"}:
            yield from _closed_at(f"{place}/{key}", item[key], document, seen)


def _faults_of(place: str, item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for word in ("enum", "const"):
        # A field may have that name; then there is a schema, and no value.
        if word in item and not place.endswith("/properties"):
            yield f"{place} is closed ({word})", _WHAT_TO_DO
    for word in ("additionalProperties", "unevaluatedProperties"):
        if item.get(word) is False:
            yield f"{place} is closed ({word})", _CLOSED_OBJECT
