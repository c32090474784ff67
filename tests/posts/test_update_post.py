from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS, add_post_row, post_column_of
from support.accounts import Account, Headers
from support.answers import pointers, verdict
from support.rows import NOON, UNKNOWN_ID, add_user_row


def test_authors_change_their_posts(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": "T", "content": "C"}, headers=auth_headers)

    assert answer.status_code == 200
    document = answer.get_json()
    assert (document["title"], document["content"]) == ("T", "C")


def test_a_change_is_answered_as_it_is_read_later(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": "T"}, headers=auth_headers)

    assert answer.get_json() == client.get(post_path, headers=auth_headers).get_json()


@pytest.mark.parametrize(("field", "other"), [("title", "content"), ("content", "title")])
def test_a_field_left_out_stays(
    client: FlaskClient, post_path: str, auth_headers: Headers, field: str, other: str
) -> None:
    document = client.patch(post_path, json={field: "New"}, headers=auth_headers).get_json()

    assert document[other] == DRAFT[other]


def test_a_change_moves_updated_at_alone(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    document = client.patch(post_path, json={"title": "T"}, headers=auth_headers).get_json()

    assert datetime.fromisoformat(document["created_at"]) == NOON
    assert datetime.fromisoformat(document["updated_at"]) > NOON


def test_an_empty_object_changes_nothing(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    before = client.get(post_path, headers=auth_headers).get_json()

    answer = client.patch(post_path, json={}, headers=auth_headers)

    assert answer.status_code == 200
    assert answer.get_json() == before
    assert client.get(post_path, headers=auth_headers).get_json() == before


def test_admins_change_posts_and_leave_them_to_their_authors(
    client: FlaskClient, user: Account, post_path: str, admin_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": "T"}, headers=admin_headers)

    assert answer.status_code == 200
    document = answer.get_json()
    assert (document["title"], document["author_id"]) == ("T", user.id)


def test_moderators_change_posts_and_leave_them_to_their_authors(
    client: FlaskClient, user: Account, post_path: str, moderator_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": "T"}, headers=moderator_headers)

    assert answer.status_code == 200
    document = answer.get_json()
    assert (document["title"], document["author_id"]) == ("T", user.id)


@pytest.mark.parametrize("change", [{"title": "Stolen"}, {}])
def test_others_do_not_change_posts(
    client: FlaskClient,
    db_session: Session,
    post_id: int,
    other_headers: Headers,
    change: dict[str, str],
) -> None:
    answer = client.patch(f"{POSTS}/{post_id}", json=change, headers=other_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert post_column_of(db_session, post_id, "title") == DRAFT["title"]


def test_admins_change_the_posts_of_deleted_users(
    client: FlaskClient, db_session: Session, admin_headers: Headers
) -> None:
    deleted = add_user_row(db_session, "old@example.com", deleted_at=NOON)
    post_id = add_post_row(db_session, deleted)

    answer = client.patch(f"{POSTS}/{post_id}", json={"title": "T"}, headers=admin_headers)

    assert answer.status_code == 200


def test_an_unknown_post_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.patch(f"{POSTS}/{UNKNOWN_ID}", json={"title": "T"}, headers=auth_headers)

    assert verdict(answer) == (404, "post-not-found")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", None),
        ("title", ""),
        ("title", "x" * 201),
        ("content", None),
        ("content", ""),
        ("content", "x" * 50_001),
        ("id", 7),
        ("author_id", 7),
        ("created_at", "2026-01-31T09:30:00+00:00"),
        ("updated_at", "2026-01-31T09:30:00+00:00"),
    ],
)
def test_a_bad_field_is_refused_by_name(
    client: FlaskClient, post_path: str, auth_headers: Headers, field: str, value: Any
) -> None:
    answer = client.patch(post_path, json={field: value}, headers=auth_headers)

    assert answer.status_code == 400
    assert pointers(answer) == [f"/{field}"]
