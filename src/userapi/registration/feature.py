"""What registration brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.kit.passwords import PasswordHasher
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
        logins=shared.get(LoginHistory),
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(
    name="registration", events=AccountEvent, blueprint=blp, build=build, commands=(create_admin,)
)
