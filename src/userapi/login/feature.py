"""What logging in brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.kit.passwords import PasswordHasher
from userapi.login.events import LoginEvent
from userapi.login.resources import blp
from userapi.login.service import LoginService
from userapi.mail.notices import Notices
from userapi.sessions.services.lifecycle import SessionOpener
from userapi.throttling.failed_attempts import FailedAttempts
from userapi.throttling.services.throttle import LoginThrottle, TrustedDevices
from userapi.users.repository import UserRepository
from userapi.users.settings import AddressSettings


def build(shared: Shared) -> Iterator[object]:
    """Yield what logs people in."""
    yield LoginService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        sessions=shared.get(SessionOpener),
        throttle=shared.get(LoginThrottle),
        failures=shared.get(FailedAttempts),
        devices=shared.get(TrustedDevices),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        requires_verified=shared.settings.of(AddressSettings).require_verified,
    )


FEATURE = Feature(name="login", events=LoginEvent, blueprint=blp, build=build)
