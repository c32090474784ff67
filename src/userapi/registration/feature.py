"""What registration brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Shared
from userapi.kit.passwords import PasswordHasher
from userapi.passwords.new_passwords import NewPasswords
from userapi.rate_limits.attempts import AttemptLimit
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.rate_limits.stored_attempts import StoredAttemptLimit
from userapi.registration.commands import create_admin
from userapi.registration.events import AccountEvent
from userapi.registration.resources import blp
from userapi.registration.service import RegistrationService
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.repository import UserRepository


def build(shared: Shared) -> Iterator[object]:
    """Yield what makes accounts."""
    yield RegistrationService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        new_passwords=shared.get(NewPasswords),
        overall=build_registration_limit(shared.settings, shared.get(RateLimitStore)),
        logins=shared.get(LoginHistory),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )


def build_registration_limit(settings: Settings, store: RateLimitStore) -> AttemptLimit | None:
    """Return the limit of all registrations together; None where limits are switched off."""
    limits = settings.of(RateLimitSettings)
    if not limits.enabled:
        return None
    return StoredAttemptLimit(name="registrations", limit=limits.registrations_overall, store=store)


FEATURE = Feature(
    name="registration", events=AccountEvent, blueprint=blp, build=build, commands=(create_admin,)
)
