"""What is audited of invitations."""

from userapi.kit.events import Event


class InvitationEvent(Event):
    """What happens to invitations."""

    CREATED = "invitation:created"
    REVOKED = "invitation:revoked"
    ACCEPTED = "invitation:accepted"
