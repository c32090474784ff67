"""Known devices on the wire."""

from marshmallow import fields

from userapi.kit.user_agents import DESCRIPTION_LENGTH
from userapi.throttling.models import ADDRESS_LENGTH
from userapi.throttling.services.throttle import MAX_DEVICES
from userapi.web.fields import Timestamp
from userapi.web.operation import Link
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedList, BoundedString, UuidIdentifier

_FIRST_DEVICE = {"device_id": "$response.body#/devices/0/id"}
DEVICE_LINKS = (Link("revoke_device", _FIRST_DEVICE),)
"""What can be done next with the caller's own devices."""
USER_DEVICE_LINKS = (
    Link("revoke_user_device", _FIRST_DEVICE | {"user_id": "$request.path.user_id"}),
)
"""What can be done next with the devices of any user."""


class DeviceSchema(OutputSchema):
    """A known device: one that a login made known, and that showed its `device_token` since."""

    example = {
        "id": "0b9f7c52-6d0e-4f7e-8a47-2f1f6a3c9d10",
        "created_at": "2026-01-31T09:30:00.123456Z",
        "last_used_at": "2026-02-02T08:15:00.123456Z",
        "expires_at": "2026-05-03T08:15:00.123456Z",
        "address": "192.0.2.7",
        "user_agent": "Chrome 120 on Linux",
        "current": True,
    }

    id = UuidIdentifier(required=True)
    created_at = Timestamp(required=True, metadata={"description": "The first login from there."})
    last_used_at = Timestamp(
        required=True, metadata={"description": "The latest login from there."}
    )
    expires_at = Timestamp(
        required=True,
        metadata={"description": "When it is forgotten, unless it is used for a login before."},
    )
    address = BoundedString(
        max_length=ADDRESS_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "Where the latest login came from, if that is known."},
    )
    user_agent = BoundedString(
        max_length=DESCRIPTION_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "What the client said then that it is, in words."},
    )
    current = fields.Boolean(
        required=True, metadata={"description": "Whether the session that asks began there."}
    )


class DeviceListSchema(OutputSchema):
    """A user's known devices."""

    example = {"devices": [DeviceSchema.example]}

    devices = BoundedList(
        fields.Nested(DeviceSchema),
        max_items=MAX_DEVICES,
        required=True,
        metadata={"description": "The one that was used last comes first."},
    )
