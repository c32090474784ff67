"""What the throttling of failed logins brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Purge, Shared
from userapi.rate_limits.settings import RateLimitSettings
from userapi.throttling.commands import unlock
from userapi.throttling.events import ThrottlingEvent
from userapi.throttling.lockout import Buckets
from userapi.throttling.models import LoginThrottle as LoginThrottleRow
from userapi.throttling.models import TrustedDevice
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.throttling.resources import blp
from userapi.throttling.service import (
    LockoutRetention,
    LoginThrottle,
    TrustedDevices,
    UnlockService,
)
from userapi.throttling.settings import ThrottlingSettings
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what counts failures, what knows devices, and what unlocks."""
    settings = shared.settings.of(ThrottlingSettings)
    is_enabled = shared.settings.of(RateLimitSettings).enabled
    throttles = ThrottleRepository(db=shared.db)
    devices = DeviceRepository(db=shared.db)
    throttle = LoginThrottle(
        throttles=throttles,
        devices=devices,
        buckets=Buckets(key=shared.derived_key("login throttles")),
        lockout=settings.lockout if is_enabled else None,
        clock=shared.clock,
    )
    yield throttle
    yield TrustedDevices(devices=devices, lifetime=settings.device_lifetime, clock=shared.clock)
    yield UnlockService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        throttle=throttle,
        audit=shared.get(AuditTrail),
    )
    yield LockoutRetention(
        transaction=shared.transaction,
        throttles=throttles,
        devices=devices,
        lockout=settings.lockout,
        clock=shared.clock,
    )


FEATURE = Feature(
    name="throttling",
    events=ThrottlingEvent,
    blueprint=blp,
    build=build,
    settings=(ThrottlingSettings,),
    models=(LoginThrottleRow, TrustedDevice),
    commands=(unlock,),
    purges=(
        Purge("expired devices", lambda: provided(LockoutRetention).delete_expired_devices()),
        Purge(
            "addresses and devices with failed logins",
            lambda: provided(LockoutRetention).delete_expired_failures(),
        ),
    ),
)
