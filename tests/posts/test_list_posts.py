from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import POSTS, add_post_row
from support.accounts import Account, Headers
from support.answers import numbered, parameters
from support.rows import NOON, at_minute, set_columns


def listed_ids(document: dict[str, Any]) -> list[int]:
    return [post["id"] for post in document["posts"]]


def test_without_posts_there_are_no_pages(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(POSTS, headers=auth_headers)

    assert answer.status_code == 200
    assert numbered(answer.get_json()) == {
        "posts": [],
        "page": 1,
        "per_page": 20,
        "total": 0,
        "pages": 0,
    }


def test_a_listed_post_looks_like_one_that_is_read(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    document = client.get(POSTS, headers=auth_headers).get_json()

    post = client.get(post_path, headers=auth_headers).get_json()
    added = {"content_length": len(post["content"]), "is_truncated": False}
    assert document["posts"] == [post | added]


def test_the_newest_come_first(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    middle = add_post_row(db_session, user.id, created_at=at_minute(2))
    oldest = add_post_row(db_session, user.id, created_at=at_minute(1))
    newest = add_post_row(db_session, user.id, created_at=at_minute(3))

    document = client.get(POSTS, headers=auth_headers).get_json()

    assert listed_ids(document) == [newest, middle, oldest]


def test_posts_of_the_same_moment_are_ordered_by_id(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(4)]

    document = client.get(POSTS, headers=auth_headers).get_json()

    assert listed_ids(document) == [*reversed(ids)]


def test_a_changed_post_keeps_its_place(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    older = add_post_row(db_session, user.id, created_at=at_minute(1))
    newer = add_post_row(db_session, user.id, created_at=at_minute(2))
    client.patch(f"{POSTS}/{older}", json={"title": "T"}, headers=auth_headers)

    document = client.get(POSTS, headers=auth_headers).get_json()

    assert listed_ids(document) == [newer, older]


def test_the_last_page_has_the_rest(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(3)]

    document = client.get(f"{POSTS}?page=2&per_page=2", headers=auth_headers).get_json()

    assert listed_ids(document) == [ids[0]]
    del document["posts"]
    assert numbered(document) == {"page": 2, "per_page": 2, "total": 3, "pages": 2}


def test_a_page_past_the_end_is_an_empty_list(
    client: FlaskClient, post_id: int, auth_headers: Headers
) -> None:
    answer = client.get(f"{POSTS}?page=9", headers=auth_headers)

    assert answer.status_code == 200
    assert numbered(answer.get_json()) == {
        "posts": [],
        "page": 9,
        "per_page": 20,
        "total": 1,
        "pages": 1,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "x"),
        ("per_page", "0"),
        ("per_page", "101"),
        ("active_only", "true"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(
    client: FlaskClient, auth_headers: Headers, name: str, value: str
) -> None:
    answer = client.get(POSTS, query_string={name: value}, headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == [name]


def test_a_repeated_parameter_is_refused_by_name(
    client: FlaskClient, auth_headers: Headers
) -> None:
    answer = client.get(f"{POSTS}?page=1&page=1", headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == ["page"]


def test_every_list_shows_the_posts_of_a_deleted_user_alike(
    client: FlaskClient, db_session: Session, user: Account, post_id: int, other_headers: Headers
) -> None:
    lists = (POSTS, f"{user.path}/posts")
    before = [client.get(path, headers=other_headers).get_json() for path in lists]
    set_columns(db_session, user.id, deleted_at=NOON)

    after = [client.get(path, headers=other_headers).get_json() for path in lists]

    assert after == before
    assert [listed_ids(document) for document in after] == [[post_id], [post_id]]
    assert client.get(f"{POSTS}/{post_id}", headers=other_headers).status_code == 200


def test_deleting_a_user_over_http_leaves_its_posts(
    client: FlaskClient, user: Account, post_path: str, admin_headers: Headers
) -> None:
    client.delete(user.path, headers=admin_headers)

    answer = client.get(post_path, headers=admin_headers)

    assert answer.status_code == 200
    assert answer.get_json()["author_id"] == user.id
