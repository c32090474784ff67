"""Edits of a document: what stands where, by the keys that lead there."""

import copy
from typing import Any

Edits = dict[tuple[str | int, ...], Any]
GONE = object()  # stands for what an edit removes


def edited(document: dict[str, Any], edits: Edits) -> dict[str, Any]:
    """Return the document with other values, which makes it another document."""
    result = copy.deepcopy(document)
    for (*way, last), value in edits.items():
        parent: Any = result
        for key in way:
            parent = parent[key]
        if value is GONE:
            del parent[last]
        else:
            parent[last] = value
    assert result != document
    return result
