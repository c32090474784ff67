"""What can go wrong with an invitation.

DomainError
├── InvitationNotFound            there is no such invitation, or it was revoked
├── InvitationEnded               it was accepted, or has expired
├── InvitationRaced               somebody else invited the same address at the same moment
├── InvitationNotMailed           no mail can go to that address now
└── InvitationForAnotherAddress   the invitation is for another address than the one given
"""

from userapi.kit.errors import DomainError, Kind


class InvitationNotFound(DomainError):
    """There is no such invitation, or it was revoked."""

    kind = Kind.NOT_FOUND
    code = "invitation-not-found"
    title = "Invitation not found"
    detail = (
        "No invitation has this id; it may have been revoked or replaced, or deleted after its end."
    )


class InvitationEnded(DomainError):
    """The invitation was accepted, or has expired."""

    kind = Kind.CONFLICT
    code = "invitation-ended"
    title = "Invitation has ended"
    detail = "The invitation was accepted, or has expired."


class InvitationRaced(DomainError):
    """Somebody else invited the same address at the same moment."""

    kind = Kind.CONFLICT
    code = "invitation-raced"
    title = "Invited at the same moment"
    detail = "Somebody else has just invited this address; look at that invitation."


class InvitationNotMailed(DomainError):
    """No mail can go to that address now: nobody would learn of the invitation."""

    kind = Kind.CONFLICT
    code = "invitation-not-mailed"
    title = "No mail can be sent"
    detail = (
        "The service sends no mail, or this address was sent too many within the hour. Nothing was "
        "changed: an earlier invitation can still be accepted."
    )


class InvitationForAnotherAddress(DomainError):
    """The invitation is for another address than the one given."""

    kind = Kind.FORBIDDEN
    code = "invitation-for-another-address"
    title = "Invitation for another address"
    detail = "Register with the address that the invitation was mailed to."
