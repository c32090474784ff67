"""Errors that nobody expected: each is a problem that explains nothing."""

import logging

import pytest
from flask.testing import FlaskClient

from support.answers import assert_problem
from support.paths import LIVE
from userapi.kit.errors import InvalidInput
from web.failing import SECRET, Failing

pytestmark = pytest.mark.any_database


@pytest.fixture
def broken(failing: Failing) -> FlaskClient:
    failing.route(RuntimeError(SECRET))
    return failing.client


def test_unexpected_error_is_a_problem(broken: FlaskClient) -> None:
    assert_problem(broken.get("/failing"), 500, "internal-error")


@pytest.mark.parametrize("word", [SECRET, "RuntimeError", "Traceback", "failing.py", "fail()"])
def test_unexpected_error_is_not_explained(broken: FlaskClient, word: str) -> None:
    answer = broken.get("/failing")

    assert word not in f"{answer.headers}{answer.get_data(as_text=True)}"


def test_unexpected_error_is_logged_once_with_its_traceback(
    broken: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    broken.get("/failing")

    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == SECRET
    assert record.exc_info[2] is not None


def test_unexpected_error_has_the_headers_of_every_answer(broken: FlaskClient) -> None:
    headers = broken.get("/failing").headers

    assert headers["X-Request-Id"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_service_goes_on_after_an_unexpected_error(broken: FlaskClient) -> None:
    broken.get("/failing")

    assert broken.get(LIVE).status_code == 200


@pytest.mark.parametrize(
    "error",
    [
        KeyError(SECRET),
        AssertionError(SECRET),
        RecursionError(SECRET),
        MemoryError(SECRET),
        UnicodeError(SECRET),
        PermissionError(SECRET),
        ExceptionGroup(SECRET, [InvalidInput([])]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_unexpected_error_is_a_problem(failing: Failing, error: Exception) -> None:
    answer = failing.client.get(failing.route(error))

    assert_problem(answer, 500, "internal-error")
    assert SECRET not in answer.get_data(as_text=True)
