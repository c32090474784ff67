"""Accepting invitations, within the caller's transaction."""

from userapi.audit.service import AuditTrail
from userapi.invitations import policy
from userapi.invitations.errors import InvitationForAnotherAddress
from userapi.invitations.events import InvitationEvent
from userapi.invitations.records import AcceptedInvitation
from userapi.invitations.repository import InvitationRepository
from userapi.kit.principal import Role
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.records import OneTimeTokenRecord, Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.users.repository import UserRepository


class InvitationAcceptance:
    """Lets in who was invited: whoever has the link receives mail at that address."""

    def __init__(
        self,
        *,
        invitations: InvitationRepository,
        users: UserRepository,
        tokens: OneTimeTokens,
        audit: AuditTrail,
    ) -> None:
        self._invitations = invitations
        self._users = users
        self._tokens = tokens
        self._audit = audit

    def ensure_invited(self, token: str, email: str) -> None:
        """Refuse at once what `accept` would refuse: nothing is locked, and nothing used up.

        `email` is canonical. Raises `LinkInvalid` or `InvitationForAnotherAddress`.
        """
        self._find(token, email)

    def accept(self, token: str, email: str) -> AcceptedInvitation:
        """Use an invitation up; it is for the account that the caller makes.

        Raises `LinkInvalid` or `InvitationForAnotherAddress`.
        """
        found = self._find(token, email)
        invitation = self._invitations.get(found.subject_id) if found.subject_id else None
        if invitation is None:
            raise LinkInvalid
        role = Role(invitation.role)
        # The inviter comes first: users are locked before all else.
        if not policy.outlives_inviter(role) and not self._may_invite(invitation.invited_by):
            raise LinkInvalid
        if not self._invitations.accept(invitation.id):
            raise LinkInvalid
        self._tokens.consume(token, Purpose.INVITATION)
        return AcceptedInvitation(invitation.id, role, invitation.language)

    def complete(self, accepted: AcceptedInvitation, user_id: int) -> None:
        """Record which account an invitation became."""
        self._invitations.set_accepted_by(accepted.id, user_id)
        self._audit.record(user_id, InvitationEvent.ACCEPTED, subject=user_id, object=accepted.id)

    def _may_invite(self, user_id: int) -> bool:
        """Say whether a user may invite people, and does until the transaction ends."""
        return policy.may_still_invite(self._users.share_active_role(user_id))

    def _find(self, token: str, email: str) -> OneTimeTokenRecord:
        found = self._tokens.find(token, Purpose.INVITATION)
        if found.address != email:
            raise InvitationForAnotherAddress
        return found
