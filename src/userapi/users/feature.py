"""What users bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.config.groups import PasswordSettings
from userapi.container import Feature, Shared
from userapi.idempotency.service import StoredAnswers
from userapi.kit.passwords import PasswordHasher
from userapi.kit.personal_data import PersonalData, keep
from userapi.mail.notices import Notices
from userapi.users.commands import set_role
from userapi.users.events import UserEvent
from userapi.users.models import User
from userapi.users.policy import directory_rules
from userapi.users.removal import LinkRevoker, LoginTraces, SessionRevoker, UserRemoval
from userapi.users.repository import UserRepository
from userapi.users.resources import blp
from userapi.users.service import AccountCloser, UserService
from userapi.users.settings import AddressSettings, UserSettings
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield the profiles, the rows of users, and what hashes passwords."""
    users = UserRepository(db=shared.db)
    yield users
    passwords = shared.settings.of(PasswordSettings)
    yield PasswordHasher(cost=passwords.hashing_cost, queue=passwords.hashing_queue)
    removal = UserRemoval(
        sessions=shared.late(SessionRevoker),
        traces=shared.late(LoginTraces),
        links=shared.late(LinkRevoker),
        answers=shared.get(StoredAnswers),
        clock=shared.clock,
    )
    yield removal
    yield UserService(
        transaction=shared.transaction,
        users=users,
        removal=removal,
        closer=shared.late(AccountCloser),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        directory=directory_rules(shared.settings.of(UserSettings).directory),
    )


FEATURE = Feature(
    name="users",
    events=UserEvent,
    blueprint=blp,
    build=build,
    settings=(UserSettings, AddressSettings),
    models=(User,),
    commands=(set_role,),
    personal_data=(
        # What is left of the row when all else is erased is `User.erase`.
        PersonalData(
            name="profile",
            tables=("users",),
            export=lambda user_id: provided(UserRepository).export(user_id),
            erase=keep,
        ),
    ),
)
