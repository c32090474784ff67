"""What is kept of a person, on the wire."""

from marshmallow import fields

from userapi.audit.schemas import PLAIN_VALUES
from userapi.leaving.records import MAX_ITEMS, MAX_SECTIONS
from userapi.passwords.schemas import CurrentPassword
from userapi.web.fields import StrictString, Timestamp
from userapi.web.input import InputSchema
from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedList, Identifier

_MAX_TEXT = 500_000
_TEXT = {"type": "string", "maxLength": _MAX_TEXT, "pattern": StrictString.pattern}
_PLAIN = [_TEXT, *(value for value in PLAIN_VALUES if value["type"] != "string")]
_VALUES = [*_PLAIN, {"type": "object", "additionalProperties": {"anyOf": _PLAIN}}]


class AccountClosingSchema(InputSchema):
    """What proves that it is the account's owner who leaves."""

    example = {"password": "correct horse battery"}

    password = CurrentPassword()


class ExportSectionSchema(OutputSchema):
    """What is kept of the person, of one kind."""

    example = {
        "name": "sessions",
        "items": [
            {
                "id": "5f0c2a4e-7f0b-4f5e-9c59-3c2c0f2b7a11",
                "created_at": "2026-01-31T09:30:00.123456Z",
                "address": "192.0.2.7",
            }
        ],
        "is_complete": True,
    }

    name = OpenString(
        known=[
            "events",
            "profile",
            "devices",
            "sessions",
            "posts",
            "mails",
            "invitations",
            "imports",
        ],
        required=True,
        metadata={"description": "The kind; installed features bring others."},
    )
    items = BoundedList(
        fields.Dict(keys=fields.String(), values=fields.Raw(metadata={"anyOf": _VALUES})),
        max_items=MAX_ITEMS,
        required=True,
        metadata={"description": "The newest first; which names they have depends on the kind."},
    )
    is_complete = fields.Boolean(
        required=True,
        metadata={"description": "Whether these are all; otherwise ask the operator for the rest."},
    )


class ExportSchema(OutputSchema):
    """All that is kept of a person."""

    example = {
        "user_id": 7,
        "exported_at": "2026-01-31T09:30:00.123456Z",
        "sections": [ExportSectionSchema.example],
    }

    user_id = Identifier(required=True)
    exported_at = Timestamp(required=True)
    sections = BoundedList(
        fields.Nested(ExportSectionSchema),
        max_items=MAX_SECTIONS,
        required=True,
        metadata={"description": "One for each kind of what is kept."},
    )
