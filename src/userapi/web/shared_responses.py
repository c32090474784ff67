"""Errors that are alike in many operations are told once, as components of the document."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from userapi.web.errors import PROBLEM_TYPE

Document = dict[str, Any]

_NAMED_CODES = 2
_METHODS = frozenset({"get", "put", "post", "patch", "delete"})


def share_responses(document: Document) -> Document:
    """Return the document with one component for each error that several operations answer alike.

    It is named after its codes, or after its status where these are many. Of those that differ
    only by a header, the one that most operations have keeps that name, and others add the
    header's. What a single operation answers stays where it is.
    """
    uses: dict[str, list[tuple[Document, str]]] = defaultdict(list)
    for responses in _responses_of(document):
        for status, response in responses.items():
            if int(status) >= HTTPStatus.BAD_REQUEST:
                uses[json.dumps(response)].append((responses, status))
    shared: dict[str, Document] = {}
    for written in sorted(uses, key=lambda key: -len(uses[key])):
        response = json.loads(written)
        name = _name_of(uses[written][0][1], response, shared)
        if len(uses[written]) > 1 and name not in shared:
            shared[name] = response
            for responses, status in uses[written]:
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    document["components"]["responses"] = {name: shared[name] for name in sorted(shared)}
    return document


def _responses_of(document: Document) -> Iterator[Document]:
    """Yield the responses of every operation, which may be replaced."""
    for path in document["paths"].values():
        for method in sorted(path.keys() & _METHODS):
            yield path[method]["responses"]


def _name_of(status: str, response: Document, shared: dict[str, Document]) -> str:
    """Return the name of a component; one that is taken where there is no better."""
    codes = sorted(response["content"][PROBLEM_TYPE]["examples"])
    is_short = len(codes) <= _NAMED_CODES
    words = " or ".join(codes) if is_short else HTTPStatus(int(status)).phrase
    name = "".join(word.title() for word in re.split("[ -]", words))
    here = set(response["headers"])
    differing = here ^ set(shared[name]["headers"]) if name in shared else set()
    if not differing:
        return name
    header = min(differing)
    return f"{name}{'With' if header in here else 'Without'}{header.replace('-', '')}"
