"""Rows of the `posts` table, arranged and looked at directly."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from userapi.posts.models import Post


def add_post_row(session: Session, author_id: int, **columns: Any) -> int:
    """Commit a post with those columns; return its id."""
    post = Post(
        author_id=author_id,
        **{"title": "On Notes", "content": "Notes are\nuseful.", **columns},
    )
    session.add(post)
    session.flush()
    post_id = post.id
    session.commit()
    return post_id


def post_column_of(session: Session, post_id: int, name: str) -> Any:
    """Return what one column of a post's row holds now; None without a row."""
    return session.scalar(select(getattr(Post, name)).where(Post.id == post_id))
