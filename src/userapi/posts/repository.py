"""Which posts."""

from sqlalchemy import select

from userapi.db.repository import AnyRow, Repository
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.versions import Versions
from userapi.posts.models import Post
from userapi.posts.records import PostRecord

_POST_COLUMNS = (
    Post.id,
    Post.title,
    Post.content,
    Post.author_id,
    Post.created_at,
    Post.updated_at,
    Post.version,
)


def _post_record(row: AnyRow) -> PostRecord:
    return PostRecord(*row)


class PostRepository(Repository):
    """All posts."""

    def list(self, request: PageRequest, *, author_id: int | None = None) -> Page[PostRecord]:
        """Return one page of all posts, or of one author's, newest first."""
        rows = select(*_POST_COLUMNS)
        if author_id is not None:
            rows = rows.where(Post.author_id == author_id)
        order = (Post.created_at.desc(), Post.id.desc())
        return self._page(rows, request, order_by=order, record=_post_record)

    def get(self, post_id: int) -> PostRecord | None:
        """Return the post with that id."""
        row = self._session.execute(select(*_POST_COLUMNS).where(Post.id == post_id)).one_or_none()
        return None if row is None else _post_record(row)

    def get_for_update(self, post_id: int, versions: Versions | None = None) -> Post | None:
        """Return the post with that id, locked until the transaction ends.

        With `versions` it is found only while it has one of them.
        """
        query = select(Post).where(Post.id == post_id).with_for_update()
        if versions is not None:
            query = query.where(Post.version.in_(versions))
        return self._session.scalars(query).one_or_none()

    def add(self, post: Post) -> None:
        """Insert a new post."""
        self._add(post)

    def remove(self, post: Post) -> None:
        """Delete a post's row."""
        self._session.delete(post)
