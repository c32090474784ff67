"""Every operation is declared by its feature; each message names the file to edit."""

from typing import Any

import pytest
from flask import Flask

from contract.declared import CALLS, CONTRACTS, place_of
from userapi.container import Feature
from userapi.features import FEATURES
from userapi.testing.document import Operation, operations_of_feature

FEATURES_WITH_OPERATIONS = [feature for feature in FEATURES if feature.blueprint]
SHARED_SCHEMAS = {"Problem", "ProblemFieldError"}
"""The schemas that belong to no feature."""

each_feature = pytest.mark.parametrize("feature", FEATURES_WITH_OPERATIONS, ids=lambda it: it.name)


@pytest.fixture
def operations(
    feature: Feature, documented_app: Flask, document: dict[str, Any]
) -> dict[str, Operation]:
    """The feature's operations, by their names."""
    return operations_of_feature(documented_app, document, feature)


@each_feature
def test_a_feature_declares_exactly_its_operations(
    feature: Feature, operations: dict[str, Operation]
) -> None:
    message = f"write `calls` in {place_of(feature.name)}, as tests/posts/contract.py does"
    assert CONTRACTS[feature.name].calls.keys() ^ operations.keys() == set(), message


@each_feature
def test_a_feature_declares_exactly_its_schemas(
    feature: Feature, operations: dict[str, Operation]
) -> None:
    named = {name for operation in operations.values() for name in operation.schemas()}

    message = f"a good name for a type? Then edit `schemas` in {place_of(feature.name)}"
    assert set(CONTRACTS[feature.name].schemas) == named - SHARED_SCHEMAS, message


@each_feature
def test_a_feature_makes_exactly_what_its_own_paths_name(
    feature: Feature, operations: dict[str, Operation]
) -> None:
    named = {name for it in operations.values() for name in it.path_parameters()}

    message = f"edit `objects` in {place_of(feature.name)}"
    assert set(CONTRACTS[feature.name].objects) == named - {"user_id"}, message


def test_every_operation_of_the_document_is_declared_once(document: dict[str, Any]) -> None:
    documented = [
        facts["operationId"]
        for item in document["paths"].values()
        for method, facts in item.items()
        if method != "parameters"
    ]

    message = "edit `calls` in tests/<feature>/contract.py"
    assert len(documented) == len(set(documented)), message
    assert set(documented) ^ CALLS.keys() == set(), message
    assert len(CALLS) == sum(len(contract.calls) for contract in CONTRACTS.values())


def test_every_schema_of_the_document_is_declared(document: dict[str, Any]) -> None:
    declared = {name for contract in CONTRACTS.values() for name in contract.schemas}

    message = "edit `schemas` in tests/<feature>/contract.py"
    assert set(document["components"]["schemas"]) == declared | SHARED_SCHEMAS, message
