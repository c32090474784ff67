"""Errors that several operations answer alike become components of the document."""

from typing import Any

import pytest

from userapi.web.shared_responses import share_responses

PROBLEM = "application/problem+json"


def response(*codes: str, headers: tuple[str, ...] = ("X-Request-Id",), **more: Any) -> Any:
    """Return the response of errors with these codes."""
    content: dict[str, Any] = {PROBLEM: {"examples": {code: {} for code in codes}}}
    return {"content": content, "headers": {name: {} for name in headers}, **more}


def shared(*operations: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the components and the responses of a document with these operations."""
    paths = {
        f"/{number}": {"parameters": [], "get": {"responses": responses}}
        for number, responses in enumerate(operations)
    }
    document = share_responses({"paths": paths, "components": {}})
    answers = [path["get"]["responses"] for path in document["paths"].values()]
    return document["components"]["responses"], answers


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


def test_what_two_operations_answer_alike_is_told_once() -> None:
    components, answers = shared(*({"413": response("body-too-large")} for _ in range(2)))

    assert components == {"BodyTooLarge": response("body-too-large")}
    assert answers == [{"413": reference("BodyTooLarge")}] * 2


def test_what_one_operation_answers_stays_where_it_is() -> None:
    components, answers = shared({"409": response("email-taken")}, {"409": response("last-admin")})

    assert components == {}
    assert answers[0] == {"409": response("email-taken")}


def test_a_success_stays_where_it_is() -> None:
    success = {"description": "Fine.", "headers": {}}

    assert shared({"200": success}, {"200": success}) == ({}, [{"200": success}] * 2)


@pytest.mark.parametrize(
    ("status", "codes", "name"),
    [
        ("404", ("path-not-found",), "PathNotFound"),
        ("404", ("user-not-found", "path-not-found"), "PathNotFoundOrUserNotFound"),
        ("401", ("token-expired", "token-invalid", "token-missing"), "Unauthorized"),
    ],
)
def test_a_component_is_named_after_its_codes_or_where_these_are_many_its_status(
    status: str, codes: tuple[str, ...], name: str
) -> None:
    components, _ = shared(*({status: response(*codes)} for _ in range(2)))

    assert [*components] == [name]


@pytest.mark.parametrize(
    ("most", "others", "name"),
    [
        (("A",), ("A", "Rate-Limit"), "UriTooLongWithRateLimit"),
        (("A", "Rate-Limit"), ("A",), "UriTooLongWithoutRateLimit"),
    ],
)
def test_the_one_that_most_have_has_the_plain_name(
    most: tuple[str, ...], others: tuple[str, ...], name: str
) -> None:
    often, seldom = (response("uri-too-long", headers=it) for it in (most, others))

    components, _ = shared({"414": seldom}, {"414": seldom}, *[{"414": often}] * 3)

    assert components == {"UriTooLong": often, name: seldom}


def test_others_that_would_get_the_same_name_stay_where_they_are() -> None:
    often, seldom = (response("uri-too-long", description=it) for it in ("One.", "Two."))

    components, answers = shared(*[{"414": often}] * 3, *[{"414": seldom}] * 2)

    assert components == {"UriTooLong": often}
    assert answers[-1] == {"414": seldom}
