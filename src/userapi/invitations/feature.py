"""What invitations bring."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.container import Feature, Purge, Shared
from userapi.invitations.events import InvitationEvent
from userapi.invitations.models import Invitation
from userapi.invitations.repository import InvitationRepository
from userapi.invitations.resources import blp
from userapi.invitations.services.acceptance import InvitationAcceptance
from userapi.invitations.services.inviting import InvitationService
from userapi.invitations.services.retention import InvitationRetention
from userapi.invitations.settings import InvitationSettings
from userapi.kit.personal_data import PersonalData
from userapi.mail.service import Mailer
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what invites people, and lets them in."""
    invitations = InvitationRepository(db=shared.db, clock=shared.database_clock)
    yield invitations
    yield InvitationService(
        transaction=shared.transaction,
        invitations=invitations,
        users=shared.get(UserRepository),
        tokens=shared.get(OneTimeTokens),
        mailer=shared.get(Mailer),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )
    yield InvitationAcceptance(
        invitations=invitations,
        users=shared.get(UserRepository),
        tokens=shared.get(OneTimeTokens),
        audit=shared.get(AuditTrail),
    )
    yield InvitationRetention(
        transaction=shared.transaction,
        invitations=invitations,
        retention=shared.settings.of(InvitationSettings).retention,
        clock=shared.clock,
    )


FEATURE = Feature(
    name="invitations",
    events=InvitationEvent,
    blueprint=blp,
    build=build,
    settings=(InvitationSettings,),
    models=(Invitation,),
    personal_data=(
        # Those that a person has sent stay, and name nobody once their sender is erased.
        PersonalData(
            name="invitations",
            tables=("invitations",),
            export=lambda user_id: provided(InvitationRepository).of_user(user_id),
            erase=lambda user_id, limit: provided(InvitationRepository).delete_of(user_id, limit),
        ),
    ),
    purges=(
        Purge(
            "ended invitations",
            delete=lambda report: provided(InvitationRetention).delete_ended(report),
            count=lambda: provided(InvitationRetention).count_ended(),
        ),
    ),
)
