"""Posts on the wire."""

from userapi.posts.models import CONTENT_LENGTH, TITLE_LENGTH
from userapi.posts.service import PostChanges, PostDraft
from userapi.web.fields import SingleLineString, StrictString
from userapi.web.input import InputSchema
from userapi.web.operation import Link
from userapi.web.output_fields import BoundedString, Identifier, Timestamp
from userapi.web.schemas import OutputSchema

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
        "created_at": "2026-01-31T09:30:00.123456+00:00",
        "updated_at": "2026-01-31T09:30:00.123456+00:00",
    }

    id = Identifier(required=True, metadata={"description": "Never used twice."})
    title = BoundedString(max_length=TITLE_LENGTH, required=True)
    content = BoundedString(max_length=CONTENT_LENGTH, required=True)
    author_id = Identifier(required=True, metadata={"description": "The author's user id."})
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)


class PostCreateSchema(InputSchema):
    """What an author writes."""

    example = {
        "title": PostSchema.example["title"],
        "content": PostSchema.example["content"],
    }

    makes = PostDraft

    title = SingleLineString(required=True, min_length=1, max_length=TITLE_LENGTH)
    content = StrictString(required=True, min_length=1, max_length=CONTENT_LENGTH)


class PostUpdateSchema(InputSchema):
    """What is to change of a post; a field left out stays as it is."""

    example = {"title": "Notes on the Analytical Engine"}

    makes = PostChanges

    title = SingleLineString(min_length=1, max_length=TITLE_LENGTH)
    content = StrictString(min_length=1, max_length=CONTENT_LENGTH)
