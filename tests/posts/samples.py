"""Posts, arranged and looked at directly."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from support.rows import add_row
from userapi.posts.models import Post

POSTS = "/api/v1/posts"
DRAFT = {"title": "On Notes", "content": "Notes are\nuseful."}
"""What a post says unless a test has it say something else."""


def add_post_row(session: Session, author_id: int, **columns: Any) -> int:
    """Commit a post with those columns; return its id."""
    return int(add_row(session, Post(author_id=author_id, **{**DRAFT, **columns})))


def post_column_of(session: Session, post_id: int, name: str) -> Any:
    """Return what one column of a post's row holds now; None without a row."""
    return session.scalar(select(getattr(Post, name)).where(Post.id == post_id))
