"""What devices declare of their operations."""

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from support.rows import add_device_row
from userapi.devices.events import DeviceEvent
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind


def add_known_device(session: Session, user_id: int) -> uuid.UUID:
    return add_device_row(session, user_id, expires_at=utc_now() + timedelta(hours=1))


CONTRACT = Contract(
    calls={
        "list_devices": Call(Kind.WHOLE_LIST),
        "revoke_device": Call(status=204, event=DeviceEvent.REVOKED, private=True),
        "list_user_devices": Call(Kind.WHOLE_LIST, role=Role.ADMIN),
        "revoke_user_device": Call(status=204, event=DeviceEvent.REVOKED, role=Role.ADMIN),
    },
    schemas={"Device", "DeviceList"},
    objects={"device_id": add_known_device},
)
