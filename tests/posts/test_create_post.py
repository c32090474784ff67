from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import Account, Headers
from support.answers import parameters, pointers, verdict
from userapi.posts.models import Post


def test_a_post_is_answered_as_it_was_sent(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.post(POSTS, json=DRAFT, headers=auth_headers)

    assert answer.status_code == 201
    document = answer.get_json()
    del document["id"], document["created_at"], document["updated_at"]
    assert document == {**DRAFT, "author_id": user.id, "edited_by": None}


def test_the_id_is_a_positive_integer(client: FlaskClient, auth_headers: Headers) -> None:
    post_id = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()["id"]

    assert type(post_id) is int
    assert post_id > 0


def test_the_location_leads_to_the_post(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.post(POSTS, json=DRAFT, headers=auth_headers)

    found = client.get(answer.headers["Location"], headers=auth_headers)
    assert found.get_json() == answer.get_json()


def test_a_new_post_was_changed_when_it_was_made(
    client: FlaskClient, auth_headers: Headers
) -> None:
    document = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()

    assert document["updated_at"] == document["created_at"]


def test_without_a_token_nothing_is_published(client: FlaskClient, db_session: Session) -> None:
    answer = client.post(POSTS, json=DRAFT)

    assert verdict(answer) == (401, "token-missing")
    assert db_session.scalar(select(func.count()).select_from(Post)) == 0


@pytest.mark.any_database
@pytest.mark.parametrize("field", ["title", "content"])
def test_a_missing_field_is_named(client: FlaskClient, auth_headers: Headers, field: str) -> None:
    draft = {name: text for name, text in DRAFT.items() if name != field}

    answer = client.post(POSTS, json=draft, headers=auth_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", ""),
        ("title", "x" * 201),
        ("title", 7),
        ("content", None),
        ("content", ""),
        ("content", "x" * 50_001),
        ("content", {}),
    ],
)
def test_a_bad_value_is_refused_by_name(
    client: FlaskClient, auth_headers: Headers, field: str, value: Any
) -> None:
    answer = client.post(POSTS, json={**DRAFT, field: value}, headers=auth_headers)

    assert verdict(answer) == (400, "invalid-input")
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x"),
        ("title", "ö" * 200),
        ("content", "x"),
        ("content", "ö" * 50_000),
    ],
)
def test_the_limits_themselves_are_allowed(
    client: FlaskClient, auth_headers: Headers, field: str, value: str
) -> None:
    answer = client.post(POSTS, json={**DRAFT, field: value}, headers=auth_headers)

    assert answer.status_code == 201
    assert answer.get_json()[field] == value


@pytest.mark.any_database
@pytest.mark.parametrize(
    "field", ["id", "author_id", "edited_by", "created_at", "updated_at", "draft"]
)
def test_no_other_field_can_be_set(client: FlaskClient, auth_headers: Headers, field: str) -> None:
    answer = client.post(POSTS, json={**DRAFT, field: 7}, headers=auth_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.any_database
def test_publishing_takes_no_parameters(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.post(f"{POSTS}?author_id=7", json=DRAFT, headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == ["author_id"]
