"""Errors that operations declare, and those that they forgot to."""

import pytest

from support.answers import assert_problem
from userapi.kit.errors import (
    DomainError,
    Kind,
    NotAllowed,
    SessionEnded,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from userapi.users.errors import LastAdmin, UserNotFound
from userapi.web.problems import CHECK_DECLARATIONS, STATUS_OF_KIND, UndeclaredErrorAnswered
from web.callers import cases
from web.failing import Failing

pytestmark = pytest.mark.any_database


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
