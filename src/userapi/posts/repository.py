"""Which posts."""

from collections.abc import Iterator

from sqlalchemy import bindparam, func, select

from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.versions import Versions
from userapi.posts.models import Post
from userapi.posts.records import NEWEST_FIRST, OPENING_LENGTH, PostRecord, PostSummary

_SUMMARIES = select(
    *columns_of(Post, PostSummary, opening=func.substr(Post.content, 1, OPENING_LENGTH))
)
_SUMMARIES_OF_AUTHOR = _SUMMARIES.where(Post.author_id == bindparam("author_id"))


class PostRepository(PagedRepository):
    """All posts."""

    def list(self, request: PageRequest, *, author_id: int | None = None) -> Page[PostSummary]:
        """Return one page of all posts, or of one author's, newest first.

        The database cuts the contents: a page of long ones would be far too much to answer.
        """
        if author_id is None:
            return self._page(_SUMMARIES, request, sort=NEWEST_FIRST, record=PostSummary)
        return self._page(
            _SUMMARIES_OF_AUTHOR,
            request,
            sort=NEWEST_FIRST,
            record=PostSummary,
            author_id=author_id,
        )

    def of_author(self, user_id: int) -> Iterator[PostRecord]:
        """Yield all posts of that author, whole, the newest first, within a transaction."""
        query = select(*columns_of(Post, PostRecord)).where(Post.author_id == user_id)
        return self._each(query.order_by(Post.created_at.desc(), Post.id.desc()), PostRecord)

    def get(self, post_id: int) -> PostRecord | None:
        """Return the post with that id."""
        return self._one(
            select(*columns_of(Post, PostRecord)).where(Post.id == post_id), PostRecord
        )

    def get_for_update(self, post_id: int, versions: Versions | None = None) -> Post | None:
        """Return the post with that id, locked until the transaction ends.

        With `versions` it is found only while it has one of them.
        """
        query = select(Post).where(Post.id == post_id).with_for_update()
        if versions is not None:
            query = query.where(Post.version.in_(versions))
        return self._db.scalars(query).one_or_none()

    def save(self, post: Post) -> PostRecord:
        """Insert or update a post, and return it as it is then."""
        return self._save(post, PostRecord)

    def remove(self, post: Post) -> None:
        """Delete a post's row."""
        self._db.delete(post)
