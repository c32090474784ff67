"""Events on the wire."""

from typing import Any

from marshmallow import fields

from userapi.audit.models import (
    ADDRESS_LENGTH,
    OBJECT_ID_LENGTH,
    REQUEST_ID_LENGTH,
    USER_AGENT_LENGTH,
)
from userapi.audit.records import DETAIL_ITEMS, DETAIL_LENGTH, NEWEST_FIRST, EventQuery
from userapi.kit.events import known_events
from userapi.web.fields import StrictString, Timestamp
from userapi.web.known_values import KnownString, OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import MAX_ID, BoundedString, Identifier
from userapi.web.query_fields import QueryDateTime, QueryInteger, cursor_of
from userapi.web.schemas import KeysetQuerySchema

_TEXT = {"type": "string", "maxLength": DETAIL_LENGTH, "pattern": StrictString.pattern}
PLAIN_VALUES: list[dict[str, Any]] = [
    _TEXT,
    {"type": "integer", "format": "int64", "minimum": -MAX_ID - 1, "maximum": MAX_ID},
    {"type": "boolean"},
    {"type": "null"},
    {"type": "array", "items": _TEXT, "maxItems": DETAIL_ITEMS},
]
"""What a value may be of which only that is known: plain, and never nested deeply."""


class AuditEventSchema(OutputSchema):
    """Something that happened, and who did it to whom."""

    plural = "events"

    example = {
        "id": 4711,
        "occurred_at": "2026-01-31T09:30:00.123456Z",
        "event": "user:updated",
        "actor_id": 1,
        "subject_id": 7,
        "object_id": None,
        "request_id": "0d9c3a5e8b7f4d21",
        "details": {"changed": ["first_name"]},
        "address": "198.51.100.7",
        "user_agent": "Mozilla/5.0",
    }

    id = Identifier(required=True, metadata={"description": "Never used twice."})
    occurred_at = Timestamp(required=True)
    event = OpenString(
        known=known_events, required=True, metadata={"description": "What happened."}
    )
    actor_id = Identifier(
        required=True,
        allow_none=True,
        metadata={"description": "The user who did it; null for strangers and for the operator."},
    )
    subject_id = Identifier(
        required=True,
        allow_none=True,
        metadata={"description": "The user whom it concerns, who may be deleted since."},
    )
    object_id = BoundedString(
        max_length=OBJECT_ID_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "The session, the post or the key that it happened to."},
    )
    request_id = BoundedString(
        max_length=REQUEST_ID_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "The `X-Request-Id` of the request that did it."},
    )
    details = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(metadata={"anyOf": PLAIN_VALUES}),
        required=True,
        metadata={
            "description": "What else is known of it; which names there are depends on `event`."
        },
    )
    address = BoundedString(
        max_length=ADDRESS_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "The network address that it came from, as long as that is kept."},
    )
    user_agent = BoundedString(
        max_length=USER_AGENT_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "What the client called itself, as long as that is kept."},
    )


class OwnEventQuerySchema(KeysetQuerySchema):
    """Which of the events that concern the caller are wanted."""

    makes = EventQuery

    cursor = cursor_of(NEWEST_FIRST)
    event = KnownString(known_events, metadata={"description": "Only events of this name."})
    since = QueryDateTime(metadata={"description": "Only events at this time or later."})
    until = QueryDateTime(metadata={"description": "Only events before this time."})


class AuditEventQuerySchema(OwnEventQuerySchema):
    """Which events are wanted; all filters that are given must hold."""

    subject_id = QueryInteger(
        minimum=1,
        maximum=MAX_ID,
        metadata={"description": "Only events that concern the user with this id."},
    )
    actor_id = QueryInteger(
        minimum=1,
        maximum=MAX_ID,
        metadata={"description": "Only what the user with this id did."},
    )
