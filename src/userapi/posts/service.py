"""What happens to posts."""

from collections.abc import Sequence
from dataclasses import dataclass

from userapi.audit.service import AuditTrail
from userapi.idempotency.service import StoredAnswers
from userapi.kit.changes import UNSET, Unset
from userapi.kit.events import Event
from userapi.kit.lists import ListReads
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction
from userapi.kit.versions import StaleVersion, Versions
from userapi.posts import policy
from userapi.posts.errors import PostNotFound
from userapi.posts.events import PostEvent
from userapi.posts.models import Post
from userapi.posts.records import PostRecord, PostSummary
from userapi.posts.repository import PostRepository
from userapi.users.errors import UserNotFound
from userapi.users.policy import DirectoryRules
from userapi.users.repository import UserRepository


@dataclass(frozen=True, slots=True)
class PostDraft:
    """What an author writes."""

    title: str
    content: str


@dataclass(frozen=True, slots=True)
class PostChanges:
    """What is to change of a post."""

    title: str | Unset = UNSET
    content: str | Unset = UNSET


class PostService:
    """Reading and writing posts."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        posts: PostRepository,
        users: UserRepository,
        directory: DirectoryRules,
        answers: StoredAnswers,
        audit: AuditTrail,
        lists: ListReads,
    ) -> None:
        self._transaction = transaction
        self._posts = posts
        self._users = users
        self._directory = directory
        self._answers = answers
        self._audit = audit
        self._lists = lists

    def list(self, principal: Principal, request: PageRequest) -> Page[PostSummary]:
        """Return one page of all posts, newest first; deleted users' posts are among them."""
        return self._lists.read(principal, lambda: self._posts.list(request))

    def list_by_author(
        self, principal: Principal, user_id: int, request: PageRequest
    ) -> Page[PostSummary]:
        """Return one page of a user's posts, newest first, after the user was deleted too.

        Raises `UserNotFound` where there never was such a user; whom the directory is not for gets
        an empty page then, as of a user without posts.
        """
        if self._directory.reading.allows(principal, user_id) and not self._users.was_ever(user_id):
            raise UserNotFound
        return self._lists.read(principal, lambda: self._posts.list(request, author_id=user_id))

    def get(self, post_id: int) -> PostRecord:
        """Return one post; raise `PostNotFound`."""
        post = self._posts.get(post_id)
        if post is None:
            raise PostNotFound
        return post

    def create(self, principal: Principal, draft: PostDraft) -> PostRecord:
        """Publish a post of the caller's."""
        with self._transaction.of(principal) as tx:
            post = self._publish(principal.user_id, draft, actor=principal)
            tx.commit()
        return post

    def publish(self, author_id: int, draft: PostDraft) -> PostRecord:
        """Publish a post in an author's name, on the operator's behalf."""
        with self._transaction as tx:
            post = self._publish(author_id, draft, actor=None)
            tx.commit()
        return post

    def _publish(self, author_id: int, draft: PostDraft, *, actor: Principal | None) -> PostRecord:
        post = Post(title=draft.title, content=draft.content, author_id=author_id)
        created = self._posts.save(post)
        self._record(actor, PostEvent.CREATED, created)
        return created

    def update(
        self,
        principal: Principal,
        post_id: int,
        changes: PostChanges,
        versions: Versions | None = None,
    ) -> PostRecord:
        """Apply `changes`; raise `PostNotFound`, `NotAllowed` or `StaleVersion`."""
        with self._transaction.of(principal) as tx:
            post = self._lock_for_writing(tx.principal, post_id, versions)
            changed = post.apply(changes)
            if changed:
                if post.author_id != principal.user_id:
                    post.edited_by = principal.user_id
                self._record(principal, PostEvent.UPDATED, post, changed)
            updated = self._posts.save(post)
            tx.commit()
        return updated

    def delete(self, principal: Principal, post_id: int, versions: Versions | None = None) -> None:
        """Remove a post; raise `PostNotFound`, `NotAllowed` or `StaleVersion`."""
        with self._transaction.of(principal) as tx:
            post = self._lock_for_writing(tx.principal, post_id, versions)
            self._posts.remove(post)
            self._answers.withdraw("posts", post_id)
            self._record(principal, PostEvent.DELETED, post)
            tx.commit()

    def _lock_for_writing(
        self, principal: Principal, post_id: int, versions: Versions | None
    ) -> Post:
        post = self._posts.get_for_update(post_id, versions)
        policy.WRITING.ensure(principal, (post or self.get(post_id)).author_id)
        if post is None:
            raise StaleVersion
        return post

    def _record(
        self,
        actor: Principal | None,
        event: Event,
        post: Post | PostRecord,
        changed: Sequence[str] = (),
    ) -> None:
        """Record what happened to a post; it concerns its author."""
        self._audit.record(
            actor,
            event,
            subject=post.author_id,
            object=post.id,
            details={"changed": list(changed)} if changed else None,
        )
