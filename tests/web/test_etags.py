"""Every answer with one user or one post has the strong tag of its version."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support.accounts import Account, Headers
from support.paths import ME
from web.callers import (
    CREATE_POST,
    LISTS,
    POST,
    PROFILE,
    REGISTER,
    UPDATE_POST,
    UPDATE_USER,
    Body,
    Caller,
    Operation,
    cases,
)

pytestmark = pytest.mark.any_database

READS = {"user": PROFILE, "current-user": ME, "post": POST}
MAKING = {"register": REGISTER, "create-post": CREATE_POST}
CHANGING = {"update-user": UPDATE_USER, "update-post": UPDATE_POST}
CHANGING_NOTHING: dict[str, tuple[str, Body]] = {
    "user-empty-object": (PROFILE, {}),
    "user-same-name": (PROFILE, {"first_name": "Ada"}),
    "user-same-everything": (
        PROFILE,
        {"first_name": "Ada", "last_name": "Lovelace", "is_active": True},
    ),
    "post-empty-object": (POST, {}),
    "post-same-title": (POST, {"title": CREATE_POST[2]["title"]}),
    "post-same-everything": (POST, CREATE_POST[2]),
}


def tag_of(answer: TestResponse) -> str:
    """Return the tag of an answer with one object, as it is in the header."""
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)[:500]
    return answer.headers["ETag"]


def tag(answer: TestResponse, version: int) -> str:
    """Return the tag that the object in the answer has in that version."""
    return f'"{answer.get_json()["id"]}-{version}"'


@cases(READS)
def test_read_has_the_tag(caller: Caller, case: str) -> None:
    answer = caller.send("GET", case)

    assert tag_of(answer) == tag(answer, version=1)


@cases(READS)
def test_head_has_the_tag_too(caller: Caller, case: str) -> None:
    assert tag_of(caller.send("HEAD", case)) == tag_of(caller.send("GET", case))


@cases(MAKING)
def test_new_object_has_the_first_tag(caller: Caller, case: Operation) -> None:
    answer = caller.write(case)

    assert tag_of(answer) == tag(answer, version=1)


@cases(MAKING)
def test_new_object_keeps_its_location(caller: Caller, case: Operation) -> None:
    answer = caller.write(case)

    assert answer.headers["Location"] == f"{case[1]}/{answer.get_json()['id']}"


@cases(MAKING)
def test_tag_of_a_new_object_is_read_later(caller: Caller, case: Operation) -> None:
    answer = caller.write(case)

    assert tag_of(caller.send("GET", answer.headers["Location"])) == tag_of(answer)


@cases(CHANGING)
def test_change_has_the_next_tag(caller: Caller, case: Operation) -> None:
    answer = caller.write(case)

    assert tag_of(answer) == tag(answer, version=2)


@cases(CHANGING)
def test_tag_of_a_change_is_read_later(caller: Caller, case: Operation) -> None:
    answer = caller.write(case)

    assert tag_of(caller.send("GET", case[1])) == tag_of(answer)


@cases(CHANGING)
def test_each_change_has_a_tag_of_its_own(caller: Caller, case: Operation) -> None:
    _, _, body = case
    (field,) = body

    tags = {tag_of(caller.write(case, **{field: text})) for text in ("A", "B", "A", "B")}

    assert len(tags) == 4


def test_change_of_the_caller_is_in_the_tag_at_me(caller: Caller) -> None:
    answer = caller.write(UPDATE_USER)

    assert tag_of(caller.send("GET", ME)) == tag_of(answer)


@cases(CHANGING_NOTHING)
def test_changing_nothing_keeps_tag_and_time(caller: Caller, case: tuple[str, Body]) -> None:
    path, body = case
    before = caller.send("GET", path)

    answer = caller.send("PATCH", path, json=body)

    assert tag_of(answer) == tag_of(before)
    assert answer.get_json() == before.get_json()


@cases(CHANGING_NOTHING)
def test_changing_nothing_is_not_seen_later(caller: Caller, case: tuple[str, Body]) -> None:
    path, body = case
    before = caller.send("GET", path)

    caller.send("PATCH", path, json=body)

    after = caller.send("GET", path)
    assert tag_of(after) == tag_of(before)
    assert after.get_json() == before.get_json()


def test_users_have_different_tags_at_me(
    client: FlaskClient, auth_headers: Headers, other_headers: Headers
) -> None:
    tags = {tag_of(client.get(ME, headers=headers)) for headers in (auth_headers, other_headers)}

    assert len(tags) == 2


def test_one_user_has_the_same_tag_for_everybody(
    client: FlaskClient, user: Account, auth_headers: Headers, other_headers: Headers
) -> None:
    own = client.get(ME, headers=auth_headers)

    assert tag_of(client.get(user.path, headers=other_headers)) == tag_of(own)


@pytest.mark.parametrize("path", LISTS)
def test_list_has_no_tag(caller: Caller, path: str) -> None:
    answer = caller.send("GET", path)

    assert answer.status_code == 200
    assert "ETag" not in answer.headers


def test_deletion_has_no_tag(caller: Caller) -> None:
    answer = caller.send("DELETE", POST)

    assert answer.status_code == 204
    assert "ETag" not in answer.headers
