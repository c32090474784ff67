"""What posts bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.idempotency.service import StoredAnswers
from userapi.posts.events import PostEvent
from userapi.posts.models import Post
from userapi.posts.repository import PostRepository
from userapi.posts.resources import blp
from userapi.posts.service import PostService
from userapi.users.repository import UserRepository


def build(shared: Shared) -> Iterator[object]:
    """Yield what reads and writes posts."""
    yield PostService(
        transaction=shared.transaction,
        posts=PostRepository(db=shared.db),
        users=shared.get(UserRepository),
        answers=shared.get(StoredAnswers),
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(name="posts", events=PostEvent, blueprint=blp, build=build, models=(Post,))
