import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from posts.samples import add_post_row
from userapi.posts.models import Post


def test_an_id_is_never_used_twice(db_session: Session, alan: int) -> None:
    first = add_post_row(db_session, alan)
    db_session.execute(delete(Post).where(Post.id == first))
    db_session.commit()

    second = add_post_row(db_session, alan)

    assert second > first


def test_a_post_needs_an_author_who_exists(db_session: Session, alan: int) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        add_post_row(db_session, alan + 1)


@pytest.mark.parametrize("columns", [{"title": ""}, {"content": ""}, {"content": "x" * 50_001}])
def test_the_database_keeps_the_lengths(
    db_session: Session, alan: int, columns: dict[str, str]
) -> None:
    with pytest.raises(IntegrityError):
        add_post_row(db_session, alan, **columns)
