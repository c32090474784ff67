"""Posts over HTTP."""

from flask.views import MethodView

from userapi.idempotency.decorator import idempotent
from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Principal
from userapi.kit.versions import Versions
from userapi.posts.errors import PostNotFound
from userapi.posts.policy import WRITING
from userapi.posts.records import NEWEST_FIRST, PostRecord, PostSummary
from userapi.posts.schemas import (
    POST_LINKS,
    PostCreateSchema,
    PostQuerySchema,
    PostSchema,
    PostSummarySchema,
    PostUpdateSchema,
)
from userapi.posts.service import PostChanges, PostDraft, PostService
from userapi.users.errors import UserNotFound
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("posts", description="Posts by users.")


@blp.route("/posts")
class PostCollection(MethodView):
    """All posts."""

    service = Provided(PostService)

    @blp.auth()
    @blp.arguments(PostQuerySchema, location="query")
    @blp.page(PostSummarySchema, NEWEST_FIRST)
    @blp.links(Link("get_post", {"post_id": "$response.body#/posts/0/id"}))
    @blp.doc(operationId="list_posts")
    def get(self, principal: Principal, request: PageRequest) -> Page[PostSummary]:
        """List posts.

        The newest come first, each with the beginning of its content. A page past the end is an
        empty list. The posts of deleted users are listed too.
        """
        return self.service.list(principal, request)

    @blp.auth()
    @blp.arguments(PostCreateSchema)
    @idempotent
    @blp.created(PostSchema, location="/posts/{id}")
    @blp.etag
    @blp.links(*POST_LINKS)
    @blp.doc(operationId="create_post")
    def post(self, principal: Principal, draft: PostDraft) -> PostRecord:
        """Publish a post.

        The caller becomes its author.
        """
        return self.service.create(principal, draft)


@blp.route("/posts/<id:post_id>")
class PostItem(MethodView):
    """One post."""

    service = Provided(PostService)

    @blp.auth()
    @blp.response(200, PostSchema)
    @blp.etag
    @blp.raises(PostNotFound)
    @blp.links(*POST_LINKS)
    @blp.doc(operationId="get_post")
    def get(self, principal: Principal, post_id: int) -> PostRecord:
        """Read a post.

        Every logged-in user may.
        """
        del principal
        return self.service.get(post_id)

    @blp.auth(rule=WRITING)
    @blp.arguments(PostUpdateSchema)
    @blp.if_match("post_id")
    @blp.response(200, PostSchema)
    @blp.etag
    @blp.raises(PostNotFound)
    @blp.doc(operationId="update_post")
    def patch(
        self,
        principal: Principal,
        changes: PostChanges,
        post_id: int,
        versions: Versions | None,
    ) -> PostRecord:
        """Change a post.

        Its author and moderators may; `edited_by` tells of a moderator's change. An empty object
        changes nothing. With `If-Match` only the version that it names is changed.
        """
        return self.service.update(principal, post_id, changes, versions)

    @blp.auth(rule=WRITING)
    @blp.if_match("post_id")
    @blp.response(204)
    @blp.raises(PostNotFound)
    @blp.doc(operationId="delete_post")
    def delete(self, principal: Principal, post_id: int, versions: Versions | None) -> None:
        """Delete a post.

        Its author and moderators may. It is gone for good. With `If-Match` only the version
        that it names is deleted.
        """
        self.service.delete(principal, post_id, versions)


@blp.route("/users/<id:user_id>/posts")
class UserPostCollection(MethodView):
    """One user's posts."""

    service = Provided(PostService)

    @blp.auth()
    @blp.arguments(PostQuerySchema, location="query")
    @blp.page(PostSummarySchema, NEWEST_FIRST)
    @blp.raises(UserNotFound)
    @blp.links(Link("get_post", {"post_id": "$response.body#/posts/0/id"}))
    @blp.doc(operationId="list_user_posts")
    def get(self, principal: Principal, request: PageRequest, user_id: int) -> Page[PostSummary]:
        """List a user's posts.

        The newest come first, each with the beginning of its content. A deleted user's posts
        stay. Where the directory is for administrators alone, anybody else gets an empty page, not
        404, of a user who never was.
        """
        return self.service.list_by_author(principal, user_id, request)
