"""Posts on the wire."""

from marshmallow import fields

from userapi.posts.models import CONTENT_LENGTH, TITLE_LENGTH
from userapi.posts.records import EXCERPT_LENGTH, NEWEST_FIRST
from userapi.posts.service import PostChanges, PostDraft
from userapi.web.fields import Timestamp, VisibleLine, VisibleString
from userapi.web.input import InputSchema
from userapi.web.operation import Link
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedInteger, BoundedString, Identifier
from userapi.web.query_fields import cursor_of
from userapi.web.schemas import PageQuerySchema

_POST_ID = {"post_id": "$response.body#/id"}
_SAME_VERSION = {"If-Match": "$response.header.ETag"}
POST_LINKS = (
    Link("get_post", _POST_ID),
    Link("update_post", _POST_ID | _SAME_VERSION),
    Link("delete_post", _POST_ID | _SAME_VERSION),
    Link("get_user", {"user_id": "$response.body#/author_id"}),
)
"""What can be done next with a post that was answered."""


class PostSchema(OutputSchema):
    """A post."""

    plural = "posts"

    example = {
        "id": 12,
        "title": "On the Analytical Engine",
        "content": "It weaves algebraical patterns.",
        "author_id": 7,
        "edited_by": None,
        "created_at": "2026-01-31T09:30:00.123456Z",
        "updated_at": "2026-01-31T09:30:00.123456Z",
    }

    id = Identifier(required=True, metadata={"description": "Never used twice."})
    title = BoundedString(max_length=TITLE_LENGTH, required=True)
    content = BoundedString(max_length=CONTENT_LENGTH, required=True)
    author_id = Identifier(
        required=True,
        metadata={"description": "The author's user id, also after that user was deleted."},
    )
    edited_by = Identifier(
        required=True,
        allow_none=True,
        metadata={
            "description": (
                "The user id of the last moderator who changed it; null when nobody but its "
                "author did."
            )
        },
    )
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)


class PostSummarySchema(PostSchema):
    """A post as lists show it: with the beginning of its content."""

    example = PostSchema.example | {
        "content_length": len(PostSchema.example["content"]),
        "is_truncated": False,
    }

    content = BoundedString(
        max_length=EXCERPT_LENGTH,
        required=True,
        metadata={
            "description": (
                f"At most the first {EXCERPT_LENGTH} characters; `GET /posts/{{post_id}}` has all "
                "of them."
            ),
        },
    )
    content_length = BoundedInteger(
        maximum=CONTENT_LENGTH,
        required=True,
        metadata={"description": "How many characters (code points) the whole content has."},
    )
    is_truncated = fields.Boolean(
        required=True, metadata={"description": "Whether the content goes on."}
    )


class PostCreateSchema(InputSchema):
    """What an author writes."""

    example = {
        "title": PostSchema.example["title"],
        "content": PostSchema.example["content"],
    }

    makes = PostDraft

    title = VisibleLine(required=True, min_length=1, max_length=TITLE_LENGTH)
    content = VisibleString(required=True, min_length=1, max_length=CONTENT_LENGTH)


class PostUpdateSchema(InputSchema):
    """What is to change of a post; a field left out stays as it is."""

    example = {"title": "Notes on the Analytical Engine"}

    makes = PostChanges

    title = VisibleLine(min_length=1, max_length=TITLE_LENGTH)
    content = VisibleString(min_length=1, max_length=CONTENT_LENGTH)


class PostQuerySchema(PageQuerySchema):
    """Which posts are wanted."""

    cursor = cursor_of(NEWEST_FIRST)
