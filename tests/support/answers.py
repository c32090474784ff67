"""What the answers of the service look like to a client."""

from typing import Any

from werkzeug.test import TestResponse

WORDS = {"type", "title", "detail", "instance", "code", "request_id"}


def verdict(answer: TestResponse) -> tuple[int, str]:
    """Return an error's status and code."""
    return answer.status_code, answer.get_json()["code"]


def pointers(answer: TestResponse) -> list[str]:
    """Return which fields of the body are refused, as JSON pointers."""
    return [error["pointer"] for error in answer.get_json()["errors"]]


def parameters(answer: TestResponse) -> list[str]:
    """Return which parameters of the query are refused."""
    return [error["parameter"] for error in answer.get_json()["errors"]]


def all_but_the_name(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an answer's status, headers and body without the name of the request."""
    name = answer.headers["X-Request-Id"]
    headers = [(key, value.replace(name, "")) for key, value in answer.headers]
    return answer.status_code, headers, answer.data.replace(name.encode(), b"")


def assert_problem(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Return the problem document of that status and code; anything else fails the test."""
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    assert answer.content_type == "application/problem+json"
    document: dict[str, Any] = answer.get_json()
    assert document["code"] == code, document
    assert document["status"] == status
    assert document["type"] == f"/docs/errors#{code}"
    assert document["request_id"] == answer.headers["X-Request-Id"]
    assert all(isinstance(document[word], str) and document[word] for word in WORDS)
    assert document.keys() - {"errors"} == WORDS | {"status"}
    assert ("errors" in document) == (code == "invalid-input")
    return document


def assert_invalid(answer: TestResponse, place: str, code: str) -> None:
    """Fail unless the answer names exactly one mistake, of that kind and in that place.

    `place` is a JSON pointer into the body or, without a slash, a query parameter's name.
    """
    (error,) = assert_problem(answer, 400, "invalid-input")["errors"]
    named = "pointer" if place.startswith("/") or not place else "parameter"
    assert error.keys() == {"code", "detail", named}
    assert (error[named], error["code"]) == (place, code)
    assert error["detail"]


def numbered(document: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a list without what has come to it since pages had numbers only."""
    added = {"next", "prev", "total_relation"}
    assert document.keys() >= added
    return {name: value for name, value in document.items() if name not in added}
