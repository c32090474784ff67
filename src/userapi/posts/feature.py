"""What posts bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.idempotency.service import StoredAnswers
from userapi.kit.lists import ListReads
from userapi.kit.personal_data import PersonalData, keep
from userapi.posts.events import PostEvent
from userapi.posts.models import Post
from userapi.posts.repository import PostRepository
from userapi.posts.resources import blp
from userapi.posts.service import PostService
from userapi.users.policy import directory_rules
from userapi.users.repository import UserRepository
from userapi.users.settings import UserSettings
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what reads and writes posts."""
    posts = PostRepository(db=shared.db)
    yield posts
    yield PostService(
        transaction=shared.transaction,
        posts=posts,
        users=shared.get(UserRepository),
        directory=directory_rules(shared.settings.of(UserSettings).directory),
        answers=shared.get(StoredAnswers),
        audit=shared.get(AuditTrail),
        lists=shared.get(ListReads),
    )


FEATURE = Feature(
    name="posts",
    events=PostEvent,
    blueprint=blp,
    build=build,
    models=(Post,),
    personal_data=(
        # What somebody has published stays when its author is gone, under the name of nobody.
        PersonalData(
            name="posts",
            tables=("posts",),
            export=lambda user_id: provided(PostRepository).of_author(user_id),
            erase=keep,
        ),
    ),
)
