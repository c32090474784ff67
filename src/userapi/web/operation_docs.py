"""How an operation's facts appear in the API's document."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import apispec
from flask import Flask

from userapi.kit.permissions import OwnerOr, Rule
from userapi.web.common_facts import with_common_facts
from userapi.web.edge import REQUEST_ID
from userapi.web.operation import Operation, operation_in
from userapi.web.problem_docs import HEADERS_OF_PROBLEMS, PROBLEM, problem_responses
from userapi.web.problem_schemas import ProblemSchema
from userapi.web.traits import HeaderParameter, ResponseHeader, Trait

Document = dict[str, Any]

_IDS_IN_RULE = re.compile(r"<(?:id|uuid):(\w+)_id>")
_HEADERS_OF_ALL = (REQUEST_ID, *HEADERS_OF_PROBLEMS)


def register_components(spec: apispec.APISpec, operations: Iterable[Operation]) -> None:
    """Add what the operations refer to: security schemes, headers, parameters, the problem."""
    operations = tuple(operations)
    traits = [trait for operation in operations for trait in operation.traits]
    schemes = {scheme.name: scheme for operation in operations for scheme in operation.security}
    headers = {header.component: header for trait in traits for header in trait.headers}
    headers |= {header.component: header for header in _HEADERS_OF_ALL}
    parameters = {
        parameter.component: parameter for trait in traits for parameter in trait.parameters
    }
    for name in sorted(headers):
        spec.components.header(name, dict(headers[name].definition))
    for name in sorted(parameters):
        definition = {"name": parameters[name].name, **parameters[name].definition}
        spec.components.parameter(name, "header", definition)
    for name in sorted(schemes):
        spec.components.security_scheme(name, dict(schemes[name].definition))
    spec.components.schema(PROBLEM, schema=ProblemSchema)


def parameters_in(rule: str) -> list[Document]:
    """Return the parameters for the ids in the path of a resource."""
    return [
        {
            "name": f"{name}_id",
            "in": "path",
            "required": True,
            "description": f"The {name.replace('_', ' ')}'s id.",
        }
        for name in _IDS_IN_RULE.findall(rule)
    ]


def describe_operation(
    doc: Document, facts: Document, *, app: Flask, method: str, **_: Any
) -> Document:
    """Add to an operation's document all that our decorators recorded, and what all have."""
    operation = with_common_facts(app, operation_in(facts))
    doc["security"] = [{scheme.name: []} for scheme in operation.security]
    doc |= _access(operation.access)
    success = doc["responses"][min(doc["responses"])]
    if operation.links:
        success["links"] = {link.operation: link.as_document() for link in operation.links}
    traits = [trait for trait in operation.traits if method == "get" or not trait.reads_only]
    for trait in traits:
        doc |= trait.facts
    doc["responses"] = _responses(doc["responses"], operation, traits)
    parameters = _components_of(parameter for trait in traits for parameter in trait.parameters)
    if parameters:
        doc["parameters"] = [*doc.get("parameters", []), *parameters]
    return doc


def _access(rule: Rule | None) -> Document:
    """Return who may call an operation; empty: anybody may."""
    if rule is None:
        return {}
    owner = {"x-owner-exempt": True} if isinstance(rule, OwnerOr) else {}
    return {"x-required-role": rule.role.value, **owner}


def _responses(answers: Document, operation: Operation, traits: list[Trait]) -> Document:
    """Return all answers of an operation by status, with their headers."""
    responses: dict[Any, Any] = answers | problem_responses(operation.problems)
    for trait in traits:
        for status, description in trait.responses.items():
            responses[status] = {"description": description}
    headers = [REQUEST_ID, *(header for trait in traits for header in trait.headers)]
    for status, response in responses.items():
        is_error = int(status) >= HTTPStatus.BAD_REQUEST
        told = [header for header in headers if header.on_errors or not is_error]
        response["headers"] = {**response.get("headers", {}), **_references_to(told)}
    return {status: responses[status] for status in sorted(responses)}


def _references_to(headers: Iterable[ResponseHeader]) -> Document:
    return {header.name: header.reference for header in headers}


def _components_of(parameters: Iterable[HeaderParameter]) -> list[str]:
    return sorted({parameter.component for parameter in parameters})
