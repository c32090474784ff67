"""Versions of posts: what counts them up, and how they are looked for."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from posts.samples import DRAFT, POSTS, add_post_row, post_column_of
from support.accounts import Headers
from support.principals import principal_of
from support.rows import UNKNOWN_ID
from support.statements import statements_on
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.versions import StaleVersion
from userapi.posts.models import Post
from userapi.posts.repository import PostRepository
from userapi.posts.service import PostChanges, PostService
from userapi.web.services import provided

pytestmark = pytest.mark.usefixtures("callers_as_given")


@pytest.fixture
def posts(scoped_session: ScopedSession) -> PostRepository:
    return PostRepository(db=scoped_session)


@pytest.fixture
def notes(db_session: Session, alan: int) -> int:
    """The id of a post by Alan, in version 7."""
    post_id = add_post_row(db_session, alan)
    set_version(db_session, post_id, 7)
    return post_id


@pytest.fixture
def statements(connection: Connection) -> Iterator[list[str]]:
    """What the application sends to the database from now on."""
    with statements_on(connection) as sent:
        yield sent


def set_version(session: Session, post_id: int, version: int) -> None:
    """Change a post's row behind the application's back."""
    change = update(Post).where(Post.id == post_id).values(version=version)
    session.execute(change, execution_options={"synchronize_session": False})


@pytest.mark.parametrize("versions", [None, {7}, {6, 7, 8}])
def test_locking_finds_an_accepted_version(
    posts: PostRepository, transaction: UnitOfWork, notes: int, versions: set[int] | None
) -> None:
    accepted = None if versions is None else frozenset(versions)

    with transaction:
        post = posts.get_for_update(notes, accepted)
        found = post is not None and (post.id, post.version)

    assert found == (notes, 7)


@pytest.mark.parametrize("versions", [set[int](), {6}, {6, 8}, {10**18 - 1}])
def test_locking_does_not_find_another_version(
    posts: PostRepository, transaction: UnitOfWork, notes: int, versions: set[int]
) -> None:
    with transaction:
        assert posts.get_for_update(notes, frozenset(versions)) is None


def test_locking_does_not_find_that_version_of_another_post(
    posts: PostRepository, transaction: UnitOfWork, notes: int
) -> None:
    with transaction:
        assert posts.get_for_update(UNKNOWN_ID, frozenset({7})) is None


def test_the_database_decides_about_the_version(
    posts: PostRepository, transaction: UnitOfWork, notes: int, statements: list[str]
) -> None:
    with transaction:
        posts.get_for_update(notes, frozenset({6}))

    (query,) = [sent for sent in statements if sent.startswith("SELECT")]
    assert "posts.version IN (" in query.partition("WHERE")[2]


def test_without_versions_it_is_not_asked(
    posts: PostRepository, transaction: UnitOfWork, notes: int, statements: list[str]
) -> None:
    with transaction:
        posts.get_for_update(notes)

    (query,) = [sent for sent in statements if sent.startswith("SELECT")]
    assert "version" not in query.partition("WHERE")[2]


def test_an_update_asks_for_the_version(
    client: FlaskClient, post_path: str, auth_headers: Headers, statements: list[str]
) -> None:
    client.patch(post_path, json={"title": "T"}, headers=auth_headers)

    (change,) = [sent for sent in statements if sent.startswith("UPDATE posts")]
    assert "posts.version = " in change.partition("WHERE")[2]


def test_a_deletion_asks_for_the_version(
    client: FlaskClient, post_path: str, auth_headers: Headers, statements: list[str]
) -> None:
    client.delete(post_path, headers=auth_headers)

    (deletion,) = [sent for sent in statements if sent.startswith("DELETE FROM posts")]
    assert "posts.version = " in deletion.partition("WHERE")[2]


def test_a_row_that_was_changed_meanwhile_is_not_overwritten(
    db_session: Session, notes: int
) -> None:
    post = db_session.get_one(Post, notes)
    set_version(db_session, notes, 8)
    post.title = "T"

    with pytest.raises(StaleDataError):
        db_session.flush()


def test_a_row_that_was_changed_meanwhile_is_not_removed(db_session: Session, notes: int) -> None:
    post = db_session.get_one(Post, notes)
    set_version(db_session, notes, 8)
    db_session.delete(post)

    with pytest.raises(StaleDataError):
        db_session.flush()


def test_a_new_post_has_version_1(db_session: Session, alan: int) -> None:
    post_id = add_post_row(db_session, alan)

    assert post_column_of(db_session, post_id, "version") == 1


@pytest.mark.parametrize("change", [{"title": "T"}, {"title": "T", "content": "C"}])
def test_a_change_counts_the_version_up_once(
    client: FlaskClient,
    db_session: Session,
    post_id: int,
    auth_headers: Headers,
    change: dict[str, str],
) -> None:
    client.patch(f"{POSTS}/{post_id}", json=change, headers=auth_headers)

    assert post_column_of(db_session, post_id, "version") == 2


@pytest.mark.parametrize("change", [{"title": DRAFT["title"]}, DRAFT, {}])
def test_what_is_so_already_leaves_the_version(
    client: FlaskClient,
    db_session: Session,
    post_id: int,
    auth_headers: Headers,
    change: dict[str, str],
) -> None:
    client.patch(f"{POSTS}/{post_id}", json=change, headers=auth_headers)

    assert post_column_of(db_session, post_id, "version") == 1


def test_a_refused_change_leaves_the_version(
    client: FlaskClient, db_session: Session, post_id: int, post_path: str, other_headers: Headers
) -> None:
    client.patch(post_path, json={"title": "Stolen"}, headers=other_headers)

    assert post_column_of(db_session, post_id, "version") == 1


def test_the_service_refuses_to_change_another_version(
    app: Flask, db_session: Session, scoped_session: ScopedSession, alan: int, notes: int
) -> None:
    with pytest.raises(StaleVersion):
        provided(PostService).update(
            principal_of(alan), notes, PostChanges(title="T"), frozenset({6})
        )

    assert post_column_of(db_session, notes, "title") == DRAFT["title"]


def test_the_service_refuses_to_delete_another_version(
    app: Flask, db_session: Session, scoped_session: ScopedSession, alan: int, notes: int
) -> None:
    with pytest.raises(StaleVersion):
        provided(PostService).delete(principal_of(alan), notes, frozenset({6}))

    assert post_column_of(db_session, notes, "id") == notes
