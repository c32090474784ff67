"""Changes of many users on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from userapi.bulk_updates.records import LIMIT, MAX_IDS, BulkUpdate, UserChange
from userapi.directory.records import UserFilter
from userapi.kit.principal import Role
from userapi.web.fields import COMMON_MESSAGES, Choice, CodedMessage, StrictBoolean
from userapi.web.input import InputSchema
from userapi.web.number_fields import StrictInteger
from userapi.web.output import OutputSchema
from userapi.web.output_fields import MAX_ID, BoundedInteger
from userapi.web.query_fields import QueryDateTime

_LIST_MESSAGES = COMMON_MESSAGES | {"invalid": CodedMessage("type", "This must be a list.")}
_OBJECT_MESSAGES = COMMON_MESSAGES | {
    "type": CodedMessage("type", "This must be a JSON object."),
}


class UserFilterSchema(InputSchema):
    """Which users are meant: all criteria that are given must hold, and one must be given."""

    example = {"role": "user", "email_verified": False, "created_before": "2026-01-31T09:30:00Z"}

    makes = UserFilter

    ids = fields.List(
        StrictInteger(minimum=1, maximum=MAX_ID),
        validate=validate.Length(
            min=1, max=MAX_IDS, error=CodedMessage("length", "This must have {min} to {max} items.")
        ),
        error_messages=_LIST_MESSAGES,
        metadata={"description": "Only users with these ids; an id that nobody has is none."},
    )
    role = Choice(Role, metadata={"description": "Only users with this role."})
    is_active = StrictBoolean(metadata={"description": "Only active users, or only others."})
    email_verified = StrictBoolean(
        metadata={"description": "Only users who have proven their address, or only others."}
    )
    created_after = QueryDateTime(metadata={"description": "Only users made then or later."})
    created_before = QueryDateTime(metadata={"description": "Only users made before."})

    @validates_schema(skip_on_field_errors=True)
    def _ensure_criterion(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError(
                CodedMessage("empty", "Name at least one criterion: all users are never meant.")
            )


class UserChangeSchema(InputSchema):
    """What is to be of all of them: one of both."""

    example = {"is_active": False}

    makes = UserChange

    is_active = StrictBoolean(metadata={"description": "Whether they can log in."})
    role = Choice(Role, metadata={"description": "What they are trusted with."})

    @validates_schema(skip_on_field_errors=True)
    def _ensure_one(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError(CodedMessage("one-of", "Give either is_active or role."))


class BulkUpdateSchema(InputSchema):
    """Who is changed, and how."""

    example = {"filter": UserFilterSchema.example, "change": UserChangeSchema.example}

    makes = BulkUpdate

    filter = fields.Nested(
        UserFilterSchema,
        required=True,
        error_messages=_OBJECT_MESSAGES,
        metadata={"minProperties": 1, "description": "Who is meant: at least one criterion."},
    )
    change = fields.Nested(
        UserChangeSchema,
        required=True,
        error_messages=_OBJECT_MESSAGES,
        metadata={"minProperties": 1, "maxProperties": 1, "description": "What becomes of them."},
    )
    dry_run = StrictBoolean(
        metadata={"description": "Whether nothing is changed, and only told how many would be."}
    )


class BulkResultSchema(OutputSchema):
    """What came of a change of many users."""

    example = {"matched": 120, "changed": 120, "has_more": False, "dry_run": False}

    matched = BoundedInteger(
        maximum=LIMIT,
        required=True,
        metadata={"description": "Users who are meant and were not so before, up to the limit."},
    )
    changed = BoundedInteger(
        maximum=LIMIT, required=True, metadata={"description": "Users who were changed."}
    )
    has_more = fields.Boolean(
        required=True, metadata={"description": "Whether another call would find more of them."}
    )
    dry_run = fields.Boolean(
        required=True, metadata={"description": "Whether nothing was to be changed."}
    )
