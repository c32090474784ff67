"""What logging in brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Shared
from userapi.kit.passwords import PasswordHasher
from userapi.login.events import LoginEvent
from userapi.login.resources import blp
from userapi.login.service import LoginService
from userapi.rate_limits.attempts import AttemptLimit, NoAttemptLimit
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.rate_limits.stored_attempts import StoredAttemptLimit
from userapi.sessions.services.lifecycle import SessionOpener
from userapi.throttling.service import LoginThrottle, TrustedDevices
from userapi.users.repository import UserRepository


def build(shared: Shared) -> Iterator[object]:
    """Yield what logs people in."""
    yield LoginService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        sessions=shared.get(SessionOpener),
        throttle=shared.get(LoginThrottle),
        overall=build_failed_login_limit(shared.settings, shared.get(RateLimitStore)),
        devices=shared.get(TrustedDevices),
        audit=shared.get(AuditTrail),
    )


def build_failed_login_limit(settings: Settings, store: RateLimitStore) -> AttemptLimit:
    """Return the limit of all failed logins together, whoever makes them."""
    limits = settings.of(RateLimitSettings)
    if not limits.enabled:
        return NoAttemptLimit()
    return StoredAttemptLimit(name="failed-logins", limit=limits.failed_logins, store=store)


FEATURE = Feature(name="login", events=LoginEvent, blueprint=blp, build=build)
