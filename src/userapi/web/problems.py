"""Every error as `application/problem+json` (RFC 9457).

The document: `type` (where the code is explained), `title`, `status`, `detail`, `instance`
(the path), `code`, `request_id`; invalid input adds `errors`.
"""

import json
import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from userapi.kit.errors import (
    DomainError,
    InvalidInput,
    Kind,
    RateLimited,
    StoreUnavailable,
    TokenRefused,
    summary_of,
)
from userapi.kit.text import printable
from userapi.web.admission import current_operation
from userapi.web.common_facts import with_common_facts
from userapi.web.edge import replace_other_error, request_id
from userapi.web.errors import PROBLEM_TYPE, BodyTooLarge, PathNotFound, UnsupportedFileType
from userapi.web.proxies import public_path

CATALOGUE_PATH = "/docs/errors"
RETRY_AFTER_SECONDS = 5
PROBLEM = "userapi.problem"
"""The name in the environment of the code of the problem that was answered."""

CHECK_DECLARATIONS = "USERAPI_CHECK_DECLARED_ERRORS"

# One is a number, because its name depends on the version of Python.
STATUS_OF_KIND = {
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.PRECONDITION_FAILED: HTTPStatus.PRECONDITION_FAILED,
    Kind.TIMED_OUT: HTTPStatus.REQUEST_TIMEOUT,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.URI_TOO_LONG: HTTPStatus(414),
    Kind.HEADERS_TOO_LARGE: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    Kind.UNSUPPORTED_MEDIA_TYPE: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Kind.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


def _words_of(error: type[DomainError]) -> tuple[str, str, str]:
    return error.code, error.title, error.detail


# What Flask and the server themselves raise: status -> (code, title, detail).
FRAMEWORK_PROBLEMS = {
    400: ("bad-request", "Bad request", "The request could not be understood."),
    404: _words_of(PathNotFound),
    405: (
        "method-not-allowed",
        "Method not allowed",
        "The `Allow` header lists the methods of this path.",
    ),
    412: (
        "precondition-failed",
        "Precondition failed",
        "The current `ETag` is not the one that the request asks for.",
    ),
    413: _words_of(BodyTooLarge),
    417: (
        "expectation-failed",
        "Expectation failed",
        "Send `Expect: 100-continue`, or no `Expect` header.",
    ),
    500: (
        "internal-error",
        "Internal error",
        "The error was logged under this request id; nothing was half-done.",
    ),
    501: (
        "not-implemented",
        "Not implemented",
        "The server knows no such method, or no such transfer coding besides `chunked`.",
    ),
    505: (
        "http-version-not-supported",
        "HTTP version not supported",
        "Send the request in HTTP/1.1.",
    ),
}

_TAKEN = {"Accept": "application/json", "Accept-Encoding": "identity"}
"""What the service tells of the bodies that it takes, where it refuses one (RFC 9110, 15.5.16)."""

SAFE_IN_PATH = "/:@!$&'()*+,;=~"
"""What a path may have as it is, besides letters, digits and `_.-`."""

_log = logging.getLogger(__name__)


class UndeclaredErrorAnswered(AssertionError):
    """An operation answered with an error that its `@blp.raises` does not declare."""


def init_problems(app: Flask) -> None:
    """Answer every error of `app` with a problem document."""
    app.register_error_handler(DomainError, problem_response)
    app.register_error_handler(HTTPException, http_problem_response)
    app.after_request(replace_other_error)


def status_of(error: type[DomainError]) -> HTTPStatus:
    """Return the HTTP status that an error is answered with."""
    return STATUS_OF_KIND[error.kind]


def problem_response(error: DomainError) -> Response:
    """Answer a domain error."""
    _check_declared(error)
    errors = None
    if isinstance(error, InvalidInput):
        errors = [
            {name: value for name, value in asdict(item).items() if value is not None}
            for item in error.errors
        ]
    status = status_of(type(error))
    response = _response(status, _words_of(type(error)), errors)
    if error.kind is Kind.UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = _challenge(error)
    if isinstance(error, UnsupportedFileType):
        response.headers["Accept"] = ", ".join(error.media_types)
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.kind is Kind.UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def answer_store_failure(error: Exception) -> Response:
    """Answer a failure of a data store; what it says is only logged."""
    _log.error("the data store failed: %s: %s", type(error).__name__, summary_of(error))
    return problem_response(StoreUnavailable())


def http_problem_response(error: HTTPException) -> Response:
    """Answer an error that Flask raised, with the headers that belong to it (`Allow`)."""
    status = HTTPStatus(error.code or 500)
    words = FRAMEWORK_PROBLEMS.get(
        status, (status.phrase.lower().replace(" ", "-"), status.phrase, status.description)
    )
    response = _response(status, words, None)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def problem_example(error: type[DomainError], path: str) -> dict[str, Any]:
    """Return the document of `error`, as an example for the API's document."""
    document = _document(status_of(error), _words_of(error), path, "0d9c3a5e8b7f4d21")
    if error is InvalidInput:
        document["errors"] = [
            {"code": "unknown", "detail": "There is no such parameter.", "parameter": "color"}
        ]
    return document


def _response(
    status: HTTPStatus, words: tuple[str, str, str], errors: list[dict[str, Any]] | None
) -> Response:
    path = quote(printable(request.path, 300), safe=SAFE_IN_PATH)
    document = _document(status, words, public_path(path), request_id() or "")
    document["type"] = public_path(document["type"])
    request.environ[PROBLEM] = document["code"]
    if errors is not None:
        document["errors"] = errors
    headers = _TAKEN if status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE else {}
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, headers, content_type=PROBLEM_TYPE)


def _document(
    status: HTTPStatus, words: tuple[str, str, str], path: str, request: str
) -> dict[str, Any]:
    code, title, detail = words
    return {
        "type": f"{CATALOGUE_PATH}#{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": path,
        "code": code,
        "request_id": request,
    }


def _challenge(error: DomainError) -> str:
    """Return the `WWW-Authenticate` header (RFC 6750): a bad token is named, no token is not."""
    if isinstance(error, TokenRefused):
        return f'Bearer realm="userapi", error="invalid_token", error_description="{error.title}"'
    return 'Bearer realm="userapi"'


def _check_declared(error: DomainError) -> None:
    if not current_app.config.get(CHECK_DECLARATIONS):
        return
    operation = current_operation()
    if operation is None:
        return
    if type(error) not in with_common_facts(current_app, operation).problems:
        message = f"{request.endpoint} answered {error.code}, which it does not declare"
        raise UndeclaredErrorAnswered(message)
