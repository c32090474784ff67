import pytest
from sqlalchemy.orm import Session

from posts.samples import add_post_row, post_column_of
from support.rows import NOON, UNKNOWN_ID, add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.pagination import PageRequest
from userapi.posts.models import Post
from userapi.posts.repository import PostRepository


@pytest.fixture
def posts(scoped_session: ScopedSession) -> PostRepository:
    return PostRepository(db=scoped_session)


@pytest.fixture
def grace(db_session: Session) -> int:
    """Another author's id."""
    return add_user_row(db_session, "grace@example.com")


def test_a_page_has_the_newest_first(db_session: Session, posts: PostRepository, alan: int) -> None:
    middle = add_post_row(db_session, alan, created_at=at_minute(2))
    oldest = add_post_row(db_session, alan, created_at=at_minute(1))
    newest = add_post_row(db_session, alan, created_at=at_minute(3))

    page = posts.list(PageRequest())

    assert [post.id for post in page.items] == [newest, middle, oldest]


def test_posts_of_the_same_moment_are_ordered_by_id(
    db_session: Session, posts: PostRepository, alan: int
) -> None:
    ids = [add_post_row(db_session, alan, created_at=NOON) for _ in range(4)]

    page = posts.list(PageRequest())

    assert [post.id for post in page.items] == sorted(ids, reverse=True)


def test_a_page_skips_the_ones_before_it_and_counts_all(
    db_session: Session, posts: PostRepository, alan: int
) -> None:
    ids = [add_post_row(db_session, alan, created_at=NOON) for _ in range(5)]

    page = posts.list(PageRequest(page=2, per_page=2))

    assert [post.id for post in page.items] == [ids[2], ids[1]]
    assert (page.total, page.pages) == (5, 3)


def test_without_posts_there_are_no_pages(posts: PostRepository) -> None:
    page = posts.list(PageRequest())

    assert (list(page.items), page.total, page.pages) == ([], 0, 0)


def test_an_authors_page_has_only_that_authors_posts(
    db_session: Session, posts: PostRepository, alan: int, grace: int
) -> None:
    own = add_post_row(db_session, alan)
    add_post_row(db_session, grace)

    page = posts.list(PageRequest(), author_id=alan)

    assert ([post.id for post in page.items], page.total) == ([own], 1)


def test_the_posts_of_a_deleted_author_are_listed(
    db_session: Session, posts: PostRepository
) -> None:
    deleted = add_user_row(db_session, "old@example.com", deleted_at=NOON)
    post_id = add_post_row(db_session, deleted)

    page = posts.list(PageRequest())

    assert [post.id for post in page.items] == [post_id]


def test_get_reads_a_post(db_session: Session, posts: PostRepository, alan: int) -> None:
    post_id = add_post_row(db_session, alan, title="T", content="C", created_at=NOON)

    record = posts.get(post_id)

    assert record is not None
    assert (record.id, record.title, record.content) == (post_id, "T", "C")
    assert (record.author_id, record.created_at, record.updated_at) == (alan, NOON, NOON)


def test_get_does_not_find_an_unknown_post(posts: PostRepository) -> None:
    assert posts.get(UNKNOWN_ID) is None


def test_locking_finds_a_post(
    db_session: Session, posts: PostRepository, transaction: UnitOfWork, alan: int
) -> None:
    post_id = add_post_row(db_session, alan)

    with transaction:
        post = posts.get_for_update(post_id)
        found = post is not None and post.id

    assert found == post_id


def test_locking_does_not_find_an_unknown_post(
    posts: PostRepository, transaction: UnitOfWork
) -> None:
    with transaction:
        assert posts.get_for_update(UNKNOWN_ID) is None


def test_an_added_post_has_its_id_and_times(
    posts: PostRepository, transaction: UnitOfWork, alan: int
) -> None:
    with transaction as tx:
        post = posts.save(Post(title="T", content="C", author_id=alan))
        tx.commit()

    assert post == posts.get(post.id)
    assert post.created_at == post.updated_at


def test_a_changed_post_is_returned_as_it_is_read(
    posts: PostRepository, transaction: UnitOfWork, alan: int
) -> None:
    with transaction as tx:
        post = Post(title="T", content="C", author_id=alan)
        posts.save(post)
        post.title = "U"
        changed = posts.save(post)
        tx.commit()

    assert (changed.title, changed.version) == ("U", 2)
    assert changed == posts.get(changed.id)


def test_removing_deletes_the_row(
    db_session: Session, posts: PostRepository, transaction: UnitOfWork, alan: int
) -> None:
    post_id = add_post_row(db_session, alan)

    with transaction as tx:
        post = posts.get_for_update(post_id)
        assert post is not None
        posts.remove(post)
        tx.commit()

    assert post_column_of(db_session, post_id, "id") is None
