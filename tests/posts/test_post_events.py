"""What of a post's life is written down: it concerns its author, whoever did it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from posts.samples import DRAFT, add_post_row
from support.events import Written, written
from support.principals import principal_of
from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Role
from userapi.posts.service import PostChanges, PostDraft, PostService
from userapi.web.services import provided

pytestmark = pytest.mark.usefixtures("callers_as_given")

ADMIN = principal_of(2**40, role=Role.ADMIN)


@pytest.fixture
def service(app: Flask, db_session: Session) -> Iterator[PostService]:
    """The application's own service."""
    with app.app_context():
        yield provided(PostService)


@pytest.fixture
def post_id(db_session: Session, alan: int) -> int:
    """A post by `alan`."""
    return add_post_row(db_session, alan)


def test_an_author_publishes(db_session: Session, service: PostService, alan: int) -> None:
    post_id = service.create(principal_of(alan), PostDraft(**DRAFT)).id

    assert written(db_session) == [Written("post:created", alan, alan, str(post_id), {})]


def test_the_operator_is_nobody(db_session: Session, service: PostService, alan: int) -> None:
    post_id = service.publish(alan, PostDraft(**DRAFT)).id

    assert written(db_session) == [Written("post:created", None, alan, str(post_id), {})]


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        (PostChanges(title="On Engines"), ["title"]),
        (PostChanges(title=DRAFT["title"], content="New."), ["content"]),
        (PostChanges(title="On Engines", content="New."), ["title", "content"]),
    ],
)
def test_a_change_names_the_fields_that_differ_now(
    db_session: Session,
    service: PostService,
    post_id: int,
    changes: PostChanges,
    changed: list[str],
) -> None:
    service.update(ADMIN, post_id, changes)

    (event,) = written(db_session)
    assert (event.event, event.details) == ("post:updated", {"changed": changed})


@pytest.mark.parametrize("changes", [PostChanges(), PostChanges(**DRAFT)])
def test_what_is_so_already_is_no_change(
    db_session: Session, service: PostService, post_id: int, changes: PostChanges
) -> None:
    service.update(ADMIN, post_id, changes)

    assert written(db_session) == []


def test_what_an_admin_deletes_concerns_the_author(
    db_session: Session, service: PostService, alan: int, post_id: int
) -> None:
    service.delete(ADMIN, post_id)

    expected = Written("post:deleted", ADMIN.user_id, alan, str(post_id), {})
    assert written(db_session) == [expected]


def test_a_forbidden_deletion_is_not_written_down(
    db_session: Session, service: PostService, alan: int, post_id: int
) -> None:
    with pytest.raises(NotAllowed):
        service.delete(principal_of(alan + 1), post_id)

    assert written(db_session) == []
