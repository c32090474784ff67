from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import add_post_row
from support.accounts import Account, Headers
from support.answers import numbered, parameters, verdict
from support.paths import USERS
from support.rows import NOON, UNKNOWN_ID, at_minute, set_columns


def listed_ids(document: dict[str, Any]) -> list[int]:
    return [post["id"] for post in document["posts"]]


def test_only_that_users_posts_are_listed(
    client: FlaskClient,
    db_session: Session,
    user: Account,
    other_user: Account,
    auth_headers: Headers,
) -> None:
    older = add_post_row(db_session, other_user.id, created_at=at_minute(1))
    newer = add_post_row(db_session, other_user.id, created_at=at_minute(2))
    add_post_row(db_session, user.id)

    document = client.get(f"{other_user.path}/posts", headers=auth_headers).get_json()

    assert listed_ids(document) == [newer, older]
    del document["posts"]
    assert numbered(document) == {"page": 1, "per_page": 20, "total": 2, "pages": 1}


def test_posts_of_the_same_moment_are_ordered_by_id(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(4)]

    document = client.get(f"{user.path}/posts", headers=auth_headers).get_json()

    assert listed_ids(document) == [*reversed(ids)]


def test_a_user_without_posts_has_no_pages(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    document = client.get(f"{user.path}/posts", headers=auth_headers).get_json()

    assert (document["posts"], document["total"], document["pages"]) == ([], 0, 0)


def test_a_page_past_the_end_is_an_empty_list(
    client: FlaskClient, user: Account, post_id: int, auth_headers: Headers
) -> None:
    document = client.get(f"{user.path}/posts?page=2", headers=auth_headers).get_json()

    assert (document["posts"], document["total"], document["pages"]) == ([], 1, 1)


def test_a_deactivated_users_posts_are_listed(
    client: FlaskClient, db_session: Session, user: Account, post_id: int, other_headers: Headers
) -> None:
    set_columns(db_session, user.id, is_active=False)

    document = client.get(f"{user.path}/posts", headers=other_headers).get_json()

    assert listed_ids(document) == [post_id]


def test_a_deleted_user_without_posts_has_an_empty_list(
    client: FlaskClient, db_session: Session, user: Account, other_headers: Headers
) -> None:
    set_columns(db_session, user.id, deleted_at=NOON)

    document = client.get(f"{user.path}/posts", headers=other_headers).get_json()

    assert (document["posts"], document["total"], document["pages"]) == ([], 0, 0)


def test_an_unknown_user_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{USERS}/{UNKNOWN_ID}/posts", headers=auth_headers)

    assert verdict(answer) == (404, "user-not-found")


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
    client: FlaskClient, user: Account, auth_headers: Headers, name: str, value: str
) -> None:
    answer = client.get(f"{user.path}/posts", query_string={name: value}, headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == [name]
