import pytest
from sqlalchemy.orm import Session

from posts.samples import POSTS, add_post_row
from support.accounts import Account
from support.rows import NOON, add_user_row


@pytest.fixture
def post_id(db_session: Session, user: Account) -> int:
    """A post by `user`, of some time ago."""
    return add_post_row(db_session, user.id, created_at=NOON)


@pytest.fixture
def post_path(post_id: int) -> str:
    """Where the API has the post by `user`."""
    return f"{POSTS}/{post_id}"


@pytest.fixture
def alan(db_session: Session) -> int:
    """An author's id."""
    return add_user_row(db_session, "alan@example.com")
