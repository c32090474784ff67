"""What the throttling of failed logins brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Implements, Purge, Shared
from userapi.idempotency.service import MismatchCounter
from userapi.kit.credentials import Credentials
from userapi.kit.personal_data import PersonalData
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.rate_limits.stored_limits import StoredAttemptLimit
from userapi.throttling.commands import unlock
from userapi.throttling.events import ThrottlingEvent
from userapi.throttling.failed_attempts import FailedAttempts, FailureLimits
from userapi.throttling.lockout import Buckets
from userapi.throttling.models import LoginThrottle as LoginThrottleRow
from userapi.throttling.models import TrustedDevice
from userapi.throttling.repository import DeviceRepository, ThrottleRepository
from userapi.throttling.resources import blp
from userapi.throttling.services.retention import LockoutRetention
from userapi.throttling.services.throttle import LoginThrottle, ProofThrottle, TrustedDevices
from userapi.throttling.services.unlocking import LoginHistory, UnlockService
from userapi.throttling.settings import ThrottlingSettings
from userapi.users.removal import LoginTraces
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what counts failures, what knows devices, and what unlocks."""
    settings = shared.settings.of(ThrottlingSettings)
    is_enabled = shared.settings.of(RateLimitSettings).enabled
    throttles = ThrottleRepository(db=shared.db)
    devices = DeviceRepository(db=shared.db)
    buckets = Buckets(key=shared.derived_key("login throttles"))
    history = LoginHistory(throttles=throttles, devices=devices, buckets=buckets)
    for throttle in (LoginThrottle, ProofThrottle):
        yield throttle(
            throttles=throttles,
            buckets=buckets,
            lockout=settings.lockout if is_enabled else None,
            retention=settings.retention,
            clock=shared.clock,
        )
    yield devices
    yield _trusted_devices(shared, devices)
    yield history
    yield Implements(LoginTraces, history)
    yield from _failed_attempts(shared, buckets)
    yield UnlockService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        history=history,
        audit=shared.get(AuditTrail),
    )
    yield LockoutRetention(
        transaction=shared.transaction,
        throttles=throttles,
        devices=devices,
        lockout=settings.lockout,
        retention=settings.retention,
        clock=shared.clock,
    )


def _failed_attempts(shared: Shared, buckets: Buckets) -> Iterator[object]:
    attempts = FailedAttempts(
        limits=build_limits(shared.settings, shared.get(RateLimitStore)),
        buckets=buckets,
        client_info=shared.client_info,
    )
    yield attempts
    yield Implements(MismatchCounter, attempts)


def _trusted_devices(shared: Shared, devices: DeviceRepository) -> TrustedDevices:
    return TrustedDevices(
        devices=devices,
        lifetime=shared.settings.of(ThrottlingSettings).device_lifetime,
        client_info=shared.client_info,
        clock=shared.clock,
    )


def build_limits(settings: Settings, store: RateLimitStore) -> FailureLimits | None:
    """Return the limits of failed logins; None where limits are switched off."""
    limits = settings.of(RateLimitSettings)
    if not limits.enabled:
        return None
    return FailureLimits(
        overall=StoredAttemptLimit(name="failed-logins", limit=limits.failed_logins, store=store),
        by_source=StoredAttemptLimit(
            name="failed-logins-by-source", limit=limits.failed_logins_by_network, store=store
        ),
    )


FEATURE = Feature(
    name="throttling",
    events=ThrottlingEvent,
    blueprint=blp,
    build=build,
    settings=(ThrottlingSettings,),
    models=(LoginThrottleRow, TrustedDevice),
    commands=(unlock,),
    personal_data=(
        PersonalData(
            name="devices",
            tables=("known_devices",),
            export=lambda user_id: provided(DeviceRepository).of_user(user_id),
            # All at once: a user has few.
            erase=lambda user_id, _: len(provided(DeviceRepository).delete_of(user_id)),
        ),
    ),
    credentials=(
        Credentials(
            "trusted devices",
            end=lambda report: provided(LockoutRetention).delete_all_devices(report),
        ),
    ),
    purges=(
        Purge(
            "expired devices",
            delete=lambda report: provided(LockoutRetention).delete_expired_devices(report),
            count=lambda: provided(LockoutRetention).count_expired_devices(),
        ),
        Purge(
            "addresses and devices with failed logins",
            delete=lambda report: provided(LockoutRetention).delete_expired_failures(report),
            count=lambda: provided(LockoutRetention).count_expired_failures(),
        ),
    ),
)
