from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, add_post_row
from support.rows import NOON, add_user_row
from userapi.db.repository import columns_of, record_of, records_of
from userapi.posts.models import Post
from userapi.users.models import User


@dataclass(frozen=True, slots=True)
class Heading:
    """Not in the order of the table's columns."""

    title: str
    id: int


@dataclass(frozen=True, slots=True)
class Signed:
    author_name: str
    title: str
    id: int


@dataclass(frozen=True, slots=True)
class Count:
    """A field whose name is that of a method of every row."""

    count: int


def test_columns_are_those_that_the_record_names() -> None:
    assert [column.key for column in columns_of(Post, Heading)] == ["title", "id"]


def test_a_row_becomes_a_record_by_its_names(db_session: Session) -> None:
    author = add_user_row(db_session, "alan@example.com")
    post = add_post_row(db_session, author)

    row = db_session.execute(select(Post.id, Post.author_id, Post.title)).one()

    assert record_of(Heading, row) == Heading(title=DRAFT["title"], id=post)


def test_a_field_of_another_model_is_given_by_name(db_session: Session) -> None:
    author = add_user_row(db_session, "alan@example.com", first_name="Alan")
    post = add_post_row(db_session, author)

    columns = columns_of(Post, Signed, author_name=User.first_name)
    row = db_session.execute(select(*columns).join(User, User.id == Post.author_id)).one()

    signed = record_of(Signed, row)
    assert (signed.author_name, signed.title, signed.id) == ("Alan", DRAFT["title"], post)


def test_a_field_may_have_the_name_of_a_method(db_session: Session) -> None:
    author = add_user_row(db_session, "alan@example.com")

    row = db_session.execute(select(User.id.label("count"))).one()

    assert record_of(Count, row) == Count(author)


def test_a_model_becomes_a_record_by_its_names() -> None:
    post = Post(id=7, title="On Notes", content="Notes.", author_id=1, created_at=NOON)

    assert record_of(Heading, post) == Heading(title="On Notes", id=7)


def test_rows_become_records_as_each_of_them_does(db_session: Session) -> None:
    author = add_user_row(db_session, "alan@example.com")
    for _ in range(2):
        add_post_row(db_session, author)
    in_order = columns_of(Post, Heading)
    for columns in (in_order, (*in_order, Post.author_id), (Post.author_id, *in_order[::-1])):
        rows = db_session.execute(select(*columns)).all()

        assert records_of(Heading, rows) == [record_of(Heading, row) for row in rows]
    assert records_of(Heading, []) == []
