"""Errors as problem documents: those that are declared, those that nobody expected."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from flask.views import MethodView
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    TooManyRequests,
)

from support.applications import application, settings_for_testing
from support.postgres import free_port
from userapi.kit.errors import (
    DomainError,
    InvalidInput,
    Kind,
    NotAllowed,
    StoreUnavailable,
    all_domain_errors,
)
from userapi.users.errors import LastAdmin, UserNotFound
from userapi.web.api import Api
from userapi.web.blueprint import Blueprint
from userapi.web.errors import SessionEnded, TokenExpired, TokenInvalid, TokenMissing
from userapi.web.problems import (
    CHECK_DECLARATIONS,
    FRAMEWORK_PROBLEMS,
    STATUS_OF_KIND,
    ProblemSchema,
    UndeclaredErrorAnswered,
    problem_example,
)
from userapi.web.services import provided
from web.answers import WORDS, assert_problem
from web.callers import LOGIN, cases

SECRET = "the-colour-of-the-safe-is-4711"


@dataclass(frozen=True)
class Failing:
    """An application with routes and operations that fail as they are told."""

    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def route(self, error: Exception) -> str:
        """Add a route outside the API; return its path."""

        def fail() -> NoReturn:
            raise error

        self.app.add_url_rule("/failing", view_func=fail)
        return "/failing"

    def operation(self, error: DomainError, *declared: type[DomainError]) -> str:
        """Add an operation of the API that declares these errors; return its path."""
        blp = Blueprint("failing", url_prefix="/api/failing", description="Fails.")

        @blp.route("/operation")
        class Operation(MethodView):
            @blp.response(200)
            @blp.raises(*declared)
            def get(self) -> NoReturn:
                raise error

        with self.app.app_context():
            provided(Api).register_blueprint(blp)
        return "/api/failing/operation"


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Failing]:
    settings = settings_for_testing(f"sqlite:///{tmp_path}/none.sqlite3", tmp_path)
    with application(settings) as app:
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield Failing(app)


# What nobody expected


@pytest.fixture
def broken(failing: Failing) -> FlaskClient:
    failing.route(RuntimeError(SECRET))
    return failing.client


def test_unexpected_error_is_a_problem(broken: FlaskClient) -> None:
    assert_problem(broken.get("/failing"), 500, "internal-error")


@pytest.mark.parametrize("word", [SECRET, "RuntimeError", "Traceback", __file__, "fail()"])
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
    headers = broken.get("/failing", headers={"X-Request-Id": "r1"}).headers

    assert headers["X-Request-Id"] == "r1"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_service_goes_on_after_an_unexpected_error(broken: FlaskClient) -> None:
    broken.get("/failing")

    assert broken.get("/health/live").status_code == 200


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


# Declared and undeclared errors


def test_declared_error_is_answered(failing: Failing) -> None:
    path = failing.operation(UserNotFound(), UserNotFound)

    document = assert_problem(failing.client.get(path), 404, "user-not-found")

    assert document["title"] == UserNotFound.title
    assert document["detail"] == UserNotFound.detail
    assert document["instance"] == path


def test_undeclared_error_fails_the_test(failing: Failing) -> None:
    failing.app.config["PROPAGATE_EXCEPTIONS"] = True
    path = failing.operation(UserNotFound(), LastAdmin, NotAllowed)

    with pytest.raises(UndeclaredErrorAnswered, match="answered user-not-found"):
        failing.client.get(path)


def test_undeclared_error_fails_for_head_too(failing: Failing) -> None:
    failing.app.config["PROPAGATE_EXCEPTIONS"] = True
    path = failing.operation(UserNotFound())

    with pytest.raises(UndeclaredErrorAnswered):
        failing.client.head(path)


def test_undeclared_error_is_answered_outside_tests(failing: Failing) -> None:
    failing.app.config[CHECK_DECLARATIONS] = False
    path = failing.operation(UserNotFound())

    assert_problem(failing.client.get(path), 404, "user-not-found")


def test_error_outside_the_api_needs_no_declaration(failing: Failing) -> None:
    path = failing.route(UserNotFound())

    assert_problem(failing.client.get(path), 404, "user-not-found")


def test_each_kind_has_a_status() -> None:
    assert STATUS_OF_KIND.keys() == set(Kind)


@cases({"invalid": TokenInvalid(), "expired": TokenExpired(), "ended": SessionEnded()})
def test_bad_token_is_named_in_the_challenge(failing: Failing, case: DomainError) -> None:
    answer = failing.client.get(failing.route(case))

    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="userapi", error="invalid_token", error_description="{case.title}"'
    )


def test_missing_token_is_not_an_error_in_the_challenge(failing: Failing) -> None:
    answer = failing.client.get(failing.route(TokenMissing()))

    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="userapi"'


# The store


@cases(
    {
        "failed": OperationalError(SECRET, {"password": SECRET}, Exception(SECRET)),
        "lost": InterfaceError(SECRET, None, Exception(SECRET)),
        "busy": PoolTimeoutError(SECRET),
    }
)
class TestStoreFailure:
    """What the database's driver and the pool raise."""

    def test_is_a_problem(self, failing: Failing, case: Exception) -> None:
        answer = failing.client.get(failing.route(case))

        assert_problem(answer, 503, "store-unavailable")
        assert answer.headers["Retry-After"] == "5"

    def test_is_not_explained(self, failing: Failing, case: Exception) -> None:
        answer = failing.client.get(failing.route(case))

        assert SECRET not in answer.get_data(as_text=True)

    def test_is_logged(
        self, failing: Failing, case: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        failing.client.get(failing.route(case))

        (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert "the data store failed" in record.getMessage()


def test_other_database_error_is_ours(failing: Failing) -> None:
    error = IntegrityError(SECRET, None, Exception(SECRET))

    assert_problem(failing.client.get(failing.route(error)), 500, "internal-error")


@cases(
    {
        "sqlite": "sqlite:///{folder}/none/app.sqlite3",
        "postgresql": "postgresql://nobody@127.0.0.1:{port}/none",
    }
)
def test_absent_store_is_a_problem(tmp_path: Path, case: str) -> None:
    url = case.format(folder=tmp_path, port=free_port())
    with application(settings_for_testing(url, tmp_path)) as app:
        answer = app.test_client().post(
            LOGIN, json={"email": "ada@example.com", "password": "correct horse"}
        )

    assert_problem(answer, 503, "store-unavailable")
    assert answer.headers["Retry-After"] == "5"


# What Flask raises


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


# How they are documented


def test_schema_has_the_members_of_the_document() -> None:
    assert ProblemSchema().fields.keys() == WORDS | {"status", "errors"}


OUR_ERRORS = [error for error in all_domain_errors() if error.__module__.startswith("userapi.")]
OUR_CODES = {error.code for error in OUR_ERRORS} | {
    code for code, _, _ in FRAMEWORK_PROBLEMS.values()
}


@pytest.mark.parametrize("error", OUR_ERRORS, ids=lambda error: error.code)
def test_example_has_the_members_of_the_document(error: type[DomainError]) -> None:
    example: dict[str, Any] = problem_example(error, "/api/v1/users")

    assert ProblemSchema().validate(example) == {}
    assert ("errors" in example) == (error is InvalidInput)


@pytest.mark.parametrize("code", sorted(OUR_CODES))
def test_type_leads_to_an_explanation(failing: Failing, code: str) -> None:
    page = failing.client.get("/docs/errors").get_data(as_text=True)

    assert page.count(f'id="{code}"') == 1


def test_store_failure_is_documented_for_every_operation(failing: Failing) -> None:
    with failing.app.app_context():
        document = provided(Api).spec.to_dict()

    answers = [
        operation["responses"]
        for operations in document["paths"].values()
        for name, operation in operations.items()
        if name != "parameters"
    ]
    code = StoreUnavailable.code
    examples = [answer["503"]["content"].values() for answer in answers]
    assert all(code in media["examples"] for (media,) in examples)
