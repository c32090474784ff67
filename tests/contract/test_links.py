"""Links: what strict readers take, and what a walk over the links needs."""

import importlib
from copy import deepcopy
from typing import Any

import pytest

from contract.operations import operations_of

BODY = "x-request-body"


def links_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return every link, by the operations that it leads from and to."""
    return {
        f"{operation.name} -> {name}": link
        for operation in operations_of(document)
        for response in operation.facts["responses"].values()
        for name, link in response.get("links", {}).items()
    }


def test_nothing_of_a_link_is_more_than_a_text(document: dict[str, Any]) -> None:
    links = links_of(document)

    assert len(links) > 20
    assert [name for name, link in links.items() if "requestBody" in link] == []
    found = {
        name: {*map(type, link.get("parameters", {}).values())} for name, link in links.items()
    }
    assert [name for name, types in found.items() if types - {str}] == []


def test_the_body_of_a_link_is_told_beside_it(document: dict[str, Any]) -> None:
    assert links_of(document)["register -> login"] == {
        "operationId": "login",
        BODY: {"email": "$request.body#/email", "password": "$request.body#/password"},
    }


@pytest.mark.system
def test_walks_over_the_links_get_the_body(document: dict[str, Any]) -> None:
    hooks = importlib.import_module("contract.fuzzing.hooks")
    read = deepcopy(document)

    hooks.before_load_schema(hooks.schemathesis.HookContext(), read)

    told, found = (links_of(it)["register -> login"] for it in (document, read))
    assert (found["requestBody"], BODY in found) == (told[BODY], False)
