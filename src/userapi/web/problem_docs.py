"""How problem documents appear in the API's own document."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from userapi.kit.errors import DomainError
from userapi.web.problems import MEDIA_TYPE, ProblemSchema, problem_example, status_of

_HEADERS = {
    401: {"WWW-Authenticate": {"$ref": "#/components/headers/WWWAuthenticate"}},
    429: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
    503: {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}},
}


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
        response["headers"] = _HEADERS[status]
    return response
