"""How problem documents appear in the API's own document."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from userapi.kit.errors import DomainError
from userapi.web.problems import MEDIA_TYPE, ProblemSchema, problem_example, status_of
from userapi.web.traits import ResponseHeader

RETRY_AFTER = ResponseHeader(
    "RetryAfter",
    "Retry-After",
    {
        "description": "After how many seconds to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
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
        "schema": {"type": "string"},
        "example": 'Bearer realm="userapi"',
    },
    on_errors=True,
)
_HEADERS = {401: WWW_AUTHENTICATE, 429: RETRY_AFTER, 503: RETRY_AFTER}


def problem_responses(errors: Iterable[type[DomainError]]) -> dict[int, dict[str, Any]]:
    """Return one response per status, with one named example per error code."""
    by_status: dict[int, list[type[DomainError]]] = defaultdict(list)
    for error in errors:
        by_status[int(status_of(error))].append(error)
    return {status: _response(status, by_status[status]) for status in sorted(by_status)}


def _response(status: int, errors: list[type[DomainError]]) -> dict[str, Any]:
    ordered = sorted(errors, key=lambda error: error.code)
    response: dict[str, Any] = {
        "description": " ".join(f"{error.title} (`{error.code}`)." for error in ordered),
        "content": {
            MEDIA_TYPE: {
                "schema": ProblemSchema,
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
        header = _HEADERS[status]
        response["headers"] = {header.name: header.reference}
    return response
