"""`If-None-Match`: who has what is here already is not sent it again."""

import pytest
from flask.testing import FlaskClient

from posts.samples import POSTS
from support.answers import assert_problem
from support.paths import ME, USERS
from support.rows import UNKNOWN_ID
from web.callers import (
    CREATE_POST,
    LISTS,
    POST,
    PROFILE,
    REGISTER,
    UPDATE_POST,
    UPDATE_USER,
    Caller,
    Operation,
    cases,
    each_of,
)

pytestmark = pytest.mark.any_database

READS = {"user": PROFILE, "current-user": ME, "post": POST}
reads = pytest.mark.parametrize("path", READS.values(), ids=READS)
reading_methods = pytest.mark.parametrize("method", ["GET", "HEAD"])


def read_tag(caller: Caller, path: str) -> str:
    """Return the current tag of what is there."""
    return caller.send("GET", path).headers["ETag"]


@reads
@reading_methods
@each_of(
    {
        "current": "{}",
        "one-of-several": '"other", W/"1000-7", {}',
        "weak": "W/{}",
        "any": "*",
    }
)
def test_current_tag_is_not_modified(caller: Caller, path: str, method: str, case: str) -> None:
    tag = read_tag(caller, path)

    answer = caller.send(method, path, headers={"If-None-Match": case.format(tag)})

    assert (answer.status_code, answer.headers["ETag"]) == (304, tag)


@reads
@reading_methods
def test_not_modified_has_no_content(caller: Caller, path: str, method: str) -> None:
    answer = caller.send(method, path, headers={"If-None-Match": "*"})

    assert (answer.status_code, answer.data) == (304, b"")
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers


@reads
def test_not_modified_has_the_headers_of_every_answer(caller: Caller, path: str) -> None:
    answer = caller.send("GET", path, headers={"If-None-Match": "*"})

    assert answer.status_code == 304
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@reads
@each_of(
    {
        "of-another": '"1000000-1"',
        "of-another-version": '"{id}-2"',
        "several": '"{id}-2", "{id}-3", W/"{id}-11"',
        "garbage": '"%$&"',
    }
)
def test_other_tag_is_answered_in_full(caller: Caller, path: str, case: str) -> None:
    whole = caller.send("GET", path)
    condition = case.format(id=whole.get_json()["id"])

    answer = caller.send("GET", path, headers={"If-None-Match": condition})

    assert answer.status_code == 200
    assert answer.get_json() == whole.get_json()
    assert answer.headers["ETag"] == whole.headers["ETag"]


@reads
@each_of({"quote": '"', "empty": "", "commas": "," * 1000, "nul": "\0", "long": "x" * 1001})
def test_malformed_header_is_refused_by_name(caller: Caller, path: str, case: str) -> None:
    answer = caller.send("GET", path, environ_overrides={"HTTP_IF_NONE_MATCH": case})

    problem = assert_problem(answer, 400, "invalid-input")
    assert [error["parameter"] for error in problem["errors"]] == ["If-None-Match"]


@cases({"update-user": UPDATE_USER, "update-post": UPDATE_POST})
def test_tag_from_before_a_change_is_stale(caller: Caller, case: Operation) -> None:
    _, path, changes = case
    tag = read_tag(caller, path)
    caller.write(case)

    answer = caller.send("GET", path, headers={"If-None-Match": tag})

    assert answer.status_code == 200
    assert answer.get_json().items() >= changes.items()


def test_change_of_the_caller_makes_the_tag_at_me_stale(caller: Caller) -> None:
    tag = read_tag(caller, ME)
    caller.write(UPDATE_USER)

    answer = caller.send("GET", ME, headers={"If-None-Match": tag})

    assert answer.status_code == 200


def test_tag_of_another_user_is_none_of_the_callers(
    client: FlaskClient, auth_headers: dict[str, str], other_headers: dict[str, str]
) -> None:
    tag = client.get(ME, headers=auth_headers).headers["ETag"]

    answer = client.get(ME, headers={**other_headers, "If-None-Match": tag})

    assert answer.status_code == 200
    assert answer.get_json()["email"] == "grace@example.com"


@pytest.mark.parametrize("path", LISTS)
def test_list_is_always_answered_in_full(caller: Caller, path: str) -> None:
    answer = caller.send("GET", path, headers={"If-None-Match": "*"})

    assert answer.status_code == 200
    assert "total" in answer.get_json()


@cases({"register": REGISTER, "create-post": CREATE_POST})
def test_new_object_ignores_it(caller: Caller, case: Operation) -> None:
    method, path, body = case

    answer = caller.send(method, path, json=body, headers={"If-None-Match": "*"})

    assert answer.status_code == 201


@reads
@reading_methods
@each_of({"current": "{}", "one-of-several": '"other", {}', "weak": "W/{}", "any": "*"})
def test_read_of_the_version_that_is_asked_for(
    caller: Caller, path: str, method: str, case: str
) -> None:
    condition = case.format(read_tag(caller, path))

    assert caller.send(method, path, headers={"If-Match": condition}).status_code == 200


@reads
@each_of({"of-another": '"1000000-1"', "of-another-version": '"1-2"', "garbage": '"%$&"'})
def test_read_of_another_version_is_refused(caller: Caller, path: str, case: str) -> None:
    answer = caller.send("GET", path, headers={"If-Match": case})

    assert_problem(answer, 412, "stale-version")


@reads
def test_a_read_that_fails_one_condition_is_not_asked_for_the_other(
    caller: Caller, path: str
) -> None:
    headers = {"If-Match": '"other"', "If-None-Match": "*"}

    assert caller.send("GET", path, headers=headers).status_code == 412


@reads
def test_a_malformed_condition_comes_before_one_that_fails(caller: Caller, path: str) -> None:
    headers = {"If-Match": '"other"', "If-None-Match": ""}

    assert_problem(caller.send("GET", path, headers=headers), 400, "invalid-input")


@reads
def test_malformed_condition_is_refused_by_name(caller: Caller, path: str) -> None:
    answer = caller.send("GET", path, headers={"If-Match": '"'})

    problem = assert_problem(answer, 400, "invalid-input")
    assert [error["parameter"] for error in problem["errors"]] == ["If-Match"]


@reads
def test_bad_token_comes_first(caller: Caller, path: str) -> None:
    headers = {"If-None-Match": "*", "Authorization": "Bearer none"}

    answer = caller.send("GET", path, headers=headers)

    assert_problem(answer, 401, "token-invalid")


@cases(
    {
        "user": (f"{USERS}/{UNKNOWN_ID}", "user-not-found"),
        "post": (f"{POSTS}/{UNKNOWN_ID}", "post-not-found"),
    }
)
def test_unknown_id_comes_first(caller: Caller, case: tuple[str, str]) -> None:
    path, code = case

    answer = caller.send("GET", path, headers={"If-None-Match": "*"})

    assert_problem(answer, 404, code)


@reads
def test_stray_parameter_comes_first(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?colour=red", headers={"If-None-Match": "*"})

    assert_problem(answer, 400, "invalid-input")
