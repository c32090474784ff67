"""What lists show of a post's content: its beginning, and how long all of it is."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from posts.samples import POSTS, add_post_row
from support.accounts import Account, Headers
from support.paths import USERS
from support.rows import add_user_row
from support.statements import statements_on
from userapi.posts.models import CONTENT_LENGTH, Post

HEART = "\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}"
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
LIMIT = 280


def listed(client: FlaskClient, headers: Headers, path: str = POSTS) -> dict[str, Any]:
    """Return the only post of a list."""
    (post,) = client.get(path, headers=headers).get_json()["posts"]
    return dict(post)


@pytest.mark.parametrize(
    "content",
    ["a", "a" * LIMIT, "\N{GRINNING FACE}" * LIMIT, "e\N{COMBINING ACUTE ACCENT}" * 140, "\t\x01"],
)
def test_a_short_content_is_shown_whole(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers, content: str
) -> None:
    add_post_row(db_session, user.id, content=content)

    post = listed(client, auth_headers)

    assert post["content"] == content
    assert (post["content_length"], post["is_truncated"]) == (len(content), False)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("a" * 281, "a" * LIMIT),
        ("\N{GRINNING FACE}" * CONTENT_LENGTH, "\N{GRINNING FACE}" * LIMIT),
        ("a" * 279 + HEART + "b", "a" * 279),
        ("a" * 278 + FAMILY, "a" * 278),
        ("a" + "\r\n" * 150, "a" + "\r\n" * 139),
    ],
)
def test_a_long_content_is_cut(
    client: FlaskClient, db_session: Session, other_headers: Headers, content: str, shown: str
) -> None:
    author = add_user_row(db_session, "alan@example.com")
    post_id = add_post_row(db_session, author, content=content)

    for path in (POSTS, f"{USERS}/{author}/posts"):
        post = listed(client, other_headers, path)
        assert post["content"] == shown
        assert (post["content_length"], post["is_truncated"]) == (len(content), True)
    whole = client.get(f"{POSTS}/{post_id}", headers=other_headers).get_json()
    assert whole["content"] == content


def test_the_database_hands_over_no_more_than_is_shown(
    client: FlaskClient,
    db_session: Session,
    connection: Connection,
    user: Account,
    auth_headers: Headers,
) -> None:
    add_post_row(db_session, user.id, content="a" * 1000)

    with statements_on(connection) as statements:
        client.get(POSTS, headers=auth_headers)

    columns = [it.partition("FROM")[0] for it in statements if "posts.title" in it]
    assert any("substr(posts.content" in it for it in columns)
    assert not any("posts.content," in it.replace("substr(posts.content", "") for it in columns)


def test_the_heaviest_page_of_posts_is_light(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    heavy = {"title": "\N{GRINNING FACE}" * 200, "content": "\N{GRINNING FACE}" * CONTENT_LENGTH}
    db_session.add_all(Post(author_id=user.id, **heavy) for _ in range(100))
    db_session.commit()

    answer = client.get(f"{POSTS}?per_page=100", headers=auth_headers)

    assert len(answer.get_json()["posts"]) == 100
    assert len(answer.data) < 256 * 1024
