from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from support.rows import add_session_row
from userapi.db.base import Base
from userapi.features import metadata
from userapi.kit.changes import UNSET, Unset
from userapi.posts.models import Post
from userapi.users.models import User

LONG_AGO = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)
LATER = datetime(2021, 1, 2, 3, 4, tzinfo=UTC)


def add_user(session: Session, email: str = "ada@example.com", **values: Any) -> User:
    user = User(email=email, password_hash="!", first_name="Ada", last_name="Lovelace", **values)
    session.add(user)
    session.commit()
    return user


def add_post(session: Session, author: User) -> Post:
    post = Post(title="Title", content="Content", author_id=author.id)
    session.add(post)
    session.commit()
    return post


def remove(session: Session, row: Base) -> None:
    session.delete(row)
    session.commit()


def test_a_row_is_not_deleted_at_first() -> None:
    assert not User().is_deleted


def test_a_deleted_row_is_marked_with_the_time() -> None:
    row = User()
    row.soft_delete(LONG_AGO)

    assert (row.is_deleted, row.deleted_at) == (True, LONG_AGO)


def test_a_row_deleted_twice_keeps_its_time() -> None:
    row = User()
    row.soft_delete(LONG_AGO)
    row.soft_delete(LATER)

    assert row.deleted_at == LONG_AGO


def test_a_deleted_row_is_restored() -> None:
    row = User()
    row.soft_delete(LONG_AGO)
    row.restore()

    assert (row.is_deleted, row.deleted_at) == (False, None)


def test_a_deletion_is_stored_and_taken_back(db_session: Session) -> None:
    user = add_user(db_session)
    user.soft_delete(LONG_AGO)
    db_session.commit()
    assert db_session.get_one(User, user.id).deleted_at == LONG_AGO

    user.restore()
    db_session.commit()
    assert not db_session.get_one(User, user.id).is_deleted


def test_a_new_row_was_created_and_changed_at_the_same_time(db_session: Session) -> None:
    before = datetime.now(UTC)
    user = add_user(db_session)

    assert before <= user.created_at <= datetime.now(UTC)
    assert user.updated_at == user.created_at


def test_a_time_of_creation_that_is_given_counts_for_both(db_session: Session) -> None:
    user = add_user(db_session, created_at=LONG_AGO)

    assert (user.created_at, user.updated_at) == (LONG_AGO, LONG_AGO)


def test_a_change_moves_the_time_of_the_change_alone(db_session: Session) -> None:
    user = add_user(db_session, created_at=LONG_AGO)
    user.first_name = "Eve"
    db_session.commit()

    assert user.updated_at > user.created_at == LONG_AGO


def test_a_commit_without_a_change_moves_nothing(db_session: Session) -> None:
    user = add_user(db_session, created_at=LONG_AGO)
    db_session.refresh(user)
    user.first_name = "Ada"
    db_session.commit()

    assert user.updated_at == LONG_AGO


def test_the_id_of_the_newest_user_is_never_reused(db_session: Session) -> None:
    newest = add_user(db_session).id
    remove(db_session, db_session.get_one(User, newest))

    assert add_user(db_session).id > newest


def test_the_id_of_the_newest_post_is_never_reused(db_session: Session) -> None:
    author = add_user(db_session)
    newest = add_post(db_session, author).id
    remove(db_session, db_session.get_one(Post, newest))

    assert add_post(db_session, author).id > newest


def test_integer_keys_are_64_bits_wide(db_session: Session) -> None:
    assert add_user(db_session, id=2**63 - 1).id == 2**63 - 1


def test_uuid_keys_are_random(db_session: Session) -> None:
    user = add_user(db_session)
    first, second = (add_session_row(db_session, user.id) for _ in range(2))

    assert first != second
    assert (first.version, second.version) == (4, 4)


@pytest.mark.parametrize("table", metadata.tables)
def test_every_constraint_has_a_name(table: str) -> None:
    named = {str(constraint.name) for constraint in metadata.tables[table].constraints}

    assert {name.partition("_")[0] for name in named} <= {"ck", "fk", "pk", "uq"}
    assert all(f"_{table}" in name for name in named)


@dataclass(frozen=True, slots=True)
class Changes:
    title: str | Unset = UNSET
    content: str | Unset | None = UNSET


def test_the_fields_that_are_given_are_set() -> None:
    post = Post(title="Title", content="Content")

    assert post.apply(Changes(title="Another", content="Content")) == ["title"]
    assert (post.title, post.content) == ("Another", "Content")


def test_a_field_that_is_not_given_stays() -> None:
    post = Post(title="Title", content="Content")

    assert post.apply(Changes(content="Another")) == ["content"]
    assert post.title == "Title"


def test_none_is_a_value_like_any_other() -> None:
    post = Post(title="Title", content="Content")

    assert post.apply(Changes(content=None)) == ["content"]
    assert post.content is None
