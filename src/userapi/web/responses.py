"""Answers with more than a body."""

from typing import TypeVar

T = TypeVar("T")

Created = tuple[T, dict[str, str]]
"""What was created, and the headers that tell where."""

LOCATION_HEADER = {
    "Location": {
        "description": "The path of what was created.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    }
}


def created(entity: T, location: str) -> Created[T]:
    """Answer with the new entity and its `Location`."""
    return entity, {"Location": location}
