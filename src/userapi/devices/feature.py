"""What known devices bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.devices.events import DeviceEvent
from userapi.devices.resources import blp
from userapi.devices.service import DeviceService
from userapi.sessions.repository import SessionRepository
from userapi.throttling.services.throttle import TrustedDevices
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.repository import UserRepository


def build(shared: Shared) -> Iterator[object]:
    """Yield what shows and forgets devices."""
    yield DeviceService(
        transaction=shared.transaction,
        devices=shared.get(TrustedDevices),
        history=shared.get(LoginHistory),
        sessions=shared.get(SessionRepository),
        users=shared.get(UserRepository),
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(name="devices", events=DeviceEvent, blueprint=blp, build=build)
