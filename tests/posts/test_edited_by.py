"""Who changed a post besides its author is told with it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import Account, Headers
from support.rows import NOON, set_columns


@pytest.fixture
def moderated_path(client: FlaskClient, post_path: str, moderator_headers: Headers) -> str:
    """Where the API has the post by `user`, after a moderator changed its content."""
    client.patch(post_path, json={"content": "Moderated."}, headers=moderator_headers)
    return post_path


def test_a_new_post_was_edited_by_nobody(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    assert client.get(post_path, headers=auth_headers).get_json()["edited_by"] is None


def test_a_moderators_change_leaves_a_trace(
    client: FlaskClient,
    post_path: str,
    moderator_user: Account,
    moderator_headers: Headers,
) -> None:
    answer = client.patch(post_path, json={"content": "Moderated."}, headers=moderator_headers)

    (listed,) = client.get(POSTS, headers=moderator_headers).get_json()["posts"]
    read = client.get(post_path, headers=moderator_headers).get_json()
    for post in (answer.get_json(), listed, read):
        assert post["edited_by"] == moderator_user.id


def test_an_authors_change_leaves_none(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": "T"}, headers=auth_headers)

    assert answer.get_json()["edited_by"] is None


def test_the_trace_stays_when_the_author_goes_on_writing(
    client: FlaskClient,
    moderated_path: str,
    auth_headers: Headers,
    moderator_user: Account,
) -> None:
    answer = client.patch(moderated_path, json={"title": "T"}, headers=auth_headers)

    assert answer.get_json()["edited_by"] == moderator_user.id


def test_a_moderator_who_changes_nothing_leaves_no_trace(
    client: FlaskClient, post_path: str, moderator_headers: Headers
) -> None:
    answer = client.patch(post_path, json={"title": DRAFT["title"]}, headers=moderator_headers)

    assert answer.get_json()["edited_by"] is None


def test_a_deleted_editor_stays_named(
    client: FlaskClient,
    db_session: Session,
    moderated_path: str,
    auth_headers: Headers,
    moderator_user: Account,
) -> None:
    set_columns(db_session, moderator_user.id, deleted_at=NOON)

    read = client.get(moderated_path, headers=auth_headers).get_json()

    assert read["edited_by"] == moderator_user.id
