"""How problem documents appear in the API's own document."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import apispec

from userapi.kit.errors import DomainError
from userapi.web.errors import PROBLEM_TYPE
from userapi.web.known_values import with_known_values
from userapi.web.output_fields import MAX_INT32
from userapi.web.problems import FRAMEWORK_PROBLEMS, problem_example, status_of
from userapi.web.traits import ResponseHeader

PROBLEM = "Problem"
"""The name of the component that describes a problem document."""

_METHODS = frozenset({"get", "put", "post", "patch", "delete"})

RETRY_AFTER = ResponseHeader(
    "RetryAfter",
    "Retry-After",
    {
        "description": "After how many seconds to try again.",
        "required": True,
        "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": MAX_INT32},
        "example": 5,
    },
    on_errors=True,
)
WWW_AUTHENTICATE = ResponseHeader(
    "WWWAuthenticate",
    "WWW-Authenticate",
    {
        "description": "The challenge, as RFC 6750 has it.",
        "required": True,
        "schema": {"type": "string", "maxLength": 1_000, "pattern": "^[ -~]*$"},
        "example": 'Bearer realm="userapi"',
    },
    on_errors=True,
)
ACCEPT = ResponseHeader(
    "Accept",
    "Accept",
    {
        "description": "The media type that a body must have.",
        "required": True,
        "schema": {"type": "string", "maxLength": 1_000, "pattern": "^[ -~]*$"},
        "example": "application/json",
    },
    on_errors=True,
)
ACCEPT_ENCODING = ResponseHeader(
    "AcceptEncoding",
    "Accept-Encoding",
    {
        "description": "The content coding that a body must have: none.",
        "required": True,
        "schema": {"type": "string", "maxLength": 1_000, "pattern": "^[ -~]*$"},
        "example": "identity",
    },
    on_errors=True,
)
HEADERS_OF_PROBLEMS = (ACCEPT, ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE)
"""What some of the answers that are errors have, besides the headers of every answer."""

_HEADERS = {
    401: (WWW_AUTHENTICATE,),
    415: (ACCEPT, ACCEPT_ENCODING),
    429: (RETRY_AFTER,),
    503: (RETRY_AFTER,),
}


def problem_responses(errors: Iterable[type[DomainError]]) -> dict[int, dict[str, Any]]:
    """Return one response per status, with one named example per error code."""
    by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
    for error in errors:
        by_status[int(status_of(error))].append(error)
    return {status: _response(status, by_status[status]) for status in sorted(by_status)}


def add_known_codes(spec: apispec.APISpec) -> None:
    """Tell at the `code` of a problem every code that some operation or the server answers."""
    codes = {code for code, _, _ in FRAMEWORK_PROBLEMS.values()}
    for path in spec.to_dict()["paths"].values():
        for method in path.keys() & _METHODS:
            codes.update(_codes_of(path[method]))
    code = spec.components.schemas[PROBLEM]["properties"]["code"]
    code.update(with_known_values(code["description"], sorted(codes)))


def _codes_of(operation: dict[str, Any]) -> Iterator[str]:
    for response in operation["responses"].values():
        yield from response.get("content", {}).get(PROBLEM_TYPE, {}).get("examples", {})


def _response(status: int, errors: list[type[DomainError]]) -> dict[str, Any]:
    ordered = sorted(errors, key=lambda error: error.code)
    response: dict[str, Any] = {
        "description": " ".join(f"{error.title} (`{error.code}`)." for error in ordered),
        "content": {
            PROBLEM_TYPE: {
                # By name: of a class apispec would make a schema for each of these answers.
                "schema": {"$ref": f"#/components/schemas/{PROBLEM}"},
                "examples": {
                    error.code: {
                        "summary": error.title,
                        "value": problem_example(error, "/api/v1/example"),
                    }
                    for error in ordered
                },
            }
        },
    }
    if status in _HEADERS:
        headers = _HEADERS[status]
        response["headers"] = {header.name: header.reference for header in headers}
    return response
