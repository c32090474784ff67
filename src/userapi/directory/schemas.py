"""What is asked of the directory."""

from marshmallow import fields, validate

from userapi.directory.records import (
    MAX_IDS,
    MAX_SEARCHED,
    MIN_SEARCHED,
    USER_SORTS,
    UserSort,
    directory_query,
)
from userapi.kit.principal import Role
from userapi.web.fields import COMMON_MESSAGES, Choice, CodedMessage, SingleLineString
from userapi.web.output_fields import MAX_ID
from userapi.web.query_fields import QueryBoolean, QueryDateTime, QueryInteger, cursor_of
from userapi.web.schemas import PageQuerySchema


class UserQuerySchema(PageQuerySchema):
    """Which users are wanted, and in which order."""

    makes = staticmethod(directory_query)

    cursor = cursor_of(USER_SORTS)
    q = SingleLineString(
        min_length=MIN_SEARCHED,
        max_length=MAX_SEARCHED,
        metadata={
            "description": "Part of the name or the address, whatever its case; nothing in it "
            "stands for other characters."
        },
    )
    sort = Choice(
        UserSort,
        load_default=UserSort.NEWEST,
        metadata={
            "description": "What they are sorted by: a minus puts the greatest first; `name` is "
            "the last name, then the first."
        },
    )
    active_only = QueryBoolean(
        load_default=True,
        metadata={
            "description": "Whether deactivated users are left out; `is_active` outweighs it."
        },
    )
    is_active = QueryBoolean(metadata={"description": "Only active users, or only others."})
    email_verified = QueryBoolean(
        metadata={"description": "Only users who have proven their address, or only others."}
    )
    role = Choice(Role, metadata={"description": "Only users with this role."})
    created_after = QueryDateTime(metadata={"description": "Only users made then or later."})
    created_before = QueryDateTime(metadata={"description": "Only users made before."})
    ids = fields.List(
        QueryInteger(minimum=1, maximum=MAX_ID),
        validate=validate.Length(
            min=1, max=MAX_IDS, error=CodedMessage("length", "This must have {min} to {max} items.")
        ),
        error_messages=COMMON_MESSAGES,
        metadata={
            "description": "Only users with these ids (`ids=7&ids=9`); `per_page=100` has room for "
            "all. An id that nobody has is none."
        },
    )
    deleted = QueryBoolean(
        load_default=False,
        metadata={
            "description": "Whether closed accounts are listed, instead of the others; for admins."
        },
    )
