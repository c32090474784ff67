from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from posts.samples import add_post_row, post_column_of
from support.principals import principal_of
from support.rows import NOON, UNKNOWN_ID, add_user_row
from userapi.kit.errors import NotAllowed
from userapi.kit.pagination import PageRequest
from userapi.kit.principal import Role
from userapi.posts.errors import PostNotFound
from userapi.posts.service import PostChanges, PostDraft, PostService
from userapi.users.errors import UserNotFound
from userapi.web.services import provided

pytestmark = pytest.mark.usefixtures("callers_as_given")

DRAFT = PostDraft(title="On Notes", content="Notes are useful.")


@pytest.fixture
def service(app: Flask, db_session: Session) -> Iterator[PostService]:
    """The application's own service."""
    with app.app_context():
        yield provided(PostService)


def test_a_created_post_is_the_callers(
    db_session: Session, service: PostService, alan: int
) -> None:
    post_id = service.create(principal_of(alan), DRAFT).id

    assert post_column_of(db_session, post_id, "author_id") == alan


def test_a_post_is_published_in_an_authors_name(
    db_session: Session, service: PostService, alan: int
) -> None:
    post_id = service.publish(alan, DRAFT).id

    assert post_column_of(db_session, post_id, "author_id") == alan


def test_the_posts_of_a_deleted_author_are_among_all(
    db_session: Session, service: PostService
) -> None:
    deleted = add_user_row(db_session, "old@example.com", deleted_at=NOON)
    post_id = add_post_row(db_session, deleted)

    page = service.list(principal_of(deleted), PageRequest())

    assert [post.id for post in page.items] == [post_id]


def test_a_deleted_authors_posts_are_listed(db_session: Session, service: PostService) -> None:
    deleted = add_user_row(db_session, "old@example.com", deleted_at=NOON)
    post_id = add_post_row(db_session, deleted)

    page = service.list_by_author(principal_of(1), deleted, PageRequest())

    assert [post.id for post in page.items] == [post_id]


def test_an_unknown_author_is_not_found(service: PostService) -> None:
    with pytest.raises(UserNotFound):
        service.list_by_author(principal_of(1), UNKNOWN_ID, PageRequest())


def test_an_author_without_posts_is_found(service: PostService, alan: int) -> None:
    page = service.list_by_author(principal_of(alan), alan, PageRequest())

    assert (list(page.items), page.total) == ([], 0)


def test_an_unknown_post_cannot_be_read(service: PostService) -> None:
    with pytest.raises(PostNotFound):
        service.get(UNKNOWN_ID)


def test_an_unknown_post_cannot_be_changed(service: PostService) -> None:
    with pytest.raises(PostNotFound):
        service.update(principal_of(1, Role.ADMIN), UNKNOWN_ID, PostChanges(title="T"))


def test_an_unknown_post_cannot_be_deleted(service: PostService) -> None:
    with pytest.raises(PostNotFound):
        service.delete(principal_of(1, Role.ADMIN), UNKNOWN_ID)


def test_a_change_is_kept(db_session: Session, service: PostService, alan: int) -> None:
    post_id = add_post_row(db_session, alan)

    service.update(principal_of(alan), post_id, PostChanges(content="New."))

    assert post_column_of(db_session, post_id, "content") == "New."
    assert post_column_of(db_session, post_id, "title") == "On Notes"


def test_a_forbidden_change_is_not_kept(
    db_session: Session, service: PostService, alan: int
) -> None:
    post_id = add_post_row(db_session, alan)

    with pytest.raises(NotAllowed):
        service.update(principal_of(alan + 1), post_id, PostChanges(title="Stolen"))

    assert post_column_of(db_session, post_id, "title") == "On Notes"


def test_a_deleted_post_has_no_row(db_session: Session, service: PostService, alan: int) -> None:
    post_id = add_post_row(db_session, alan)

    service.delete(principal_of(alan), post_id)

    assert post_column_of(db_session, post_id, "id") is None


def test_a_forbidden_deletion_leaves_the_row(
    db_session: Session, service: PostService, alan: int
) -> None:
    post_id = add_post_row(db_session, alan)

    with pytest.raises(NotAllowed):
        service.delete(principal_of(alan + 1), post_id)

    assert post_column_of(db_session, post_id, "id") == post_id
