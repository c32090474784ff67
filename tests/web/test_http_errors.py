"""Errors that Flask raises, or that are answered without being raised."""

from http import HTTPStatus

import pytest
from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    TooManyRequests,
)

from support.answers import assert_problem
from web.callers import cases
from web.failing import SECRET, Failing

pytestmark = pytest.mark.any_database


@cases(
    {
        "allow": (MethodNotAllowed(["GET", "PUT"]), "Allow", "GET, PUT"),
        "retry": (TooManyRequests(retry_after=7), "Retry-After", "7"),
        "range": (RequestedRangeNotSatisfiable(length=9), "Content-Range", "bytes */9"),
    }
)
def test_http_exception_keeps_its_headers(
    failing: Failing, case: tuple[HTTPException, str, str]
) -> None:
    error, name, value = case

    answer = failing.client.get(failing.route(error))

    assert answer.headers[name] == value
    assert answer.content_type == "application/problem+json"


def test_unlisted_status_is_named_by_its_phrase(failing: Failing) -> None:
    answer = failing.client.get(failing.route(TooManyRequests(SECRET)))

    document = assert_problem(answer, 429, "too-many-requests")
    assert document["title"] == "Too Many Requests"
    assert SECRET not in answer.get_data(as_text=True)


def test_error_that_is_not_raised_is_a_problem_too(failing: Failing) -> None:
    failing.app.add_url_rule(
        "/failing", view_func=lambda: Response(SECRET, HTTPStatus.PRECONDITION_FAILED)
    )

    answer = failing.client.get("/failing")

    assert_problem(answer, 412, "precondition-failed")
    assert SECRET not in answer.get_data(as_text=True)


def test_success_is_left_as_it_is(failing: Failing) -> None:
    failing.app.add_url_rule("/fine", view_func=lambda: Response("fine", content_type="text/x"))

    answer = failing.client.get("/fine")

    assert (answer.data, answer.content_type) == (b"fine", "text/x")
