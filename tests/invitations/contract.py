"""What invitations declare of their operations."""

import uuid
from datetime import timedelta

from sqlalchemy.orm import Session

from support.rows import add_row
from userapi.invitations.events import InvitationEvent
from userapi.invitations.models import Invitation
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.testing.contract import Call, Contract, Kind

DRAFT = {"email": "alan@example.com", "role": "user"}


def add_invitation_row(session: Session, invited_by: int) -> uuid.UUID:
    """Commit an invitation by that user, whose link nobody has; return its id."""
    now = utc_now()
    row = Invitation(
        email=f"{uuid.uuid4().hex}@example.com",
        role=Role.USER,
        invited_by=invited_by,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    invitation_id: uuid.UUID = add_row(session, row)
    return invitation_id


CONTRACT = Contract(
    calls={
        "list_invitations": Call(Kind.LIST, role=Role.ADMIN),
        "create_invitation": Call(
            Kind.ADD,
            body=DRAFT,
            also_sets={"language", "expires_in_days"},
            status=201,
            event=InvitationEvent.CREATED,
            role=Role.ADMIN,
            is_limited=True,
        ),
        "get_invitation": Call(role=Role.ADMIN),
        "revoke_invitation": Call(status=204, event=InvitationEvent.REVOKED, role=Role.ADMIN),
    },
    schemas={"Invitation", "InvitationCreate", "InvitationPage"},
    objects={"invitation_id": add_invitation_row},
)
