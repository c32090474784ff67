"""Inviting people, and taking it back."""

import uuid

from userapi.audit.service import AuditTrail
from userapi.invitations import policy
from userapi.invitations.errors import InvitationEnded, InvitationNotFound, InvitationNotMailed
from userapi.invitations.events import InvitationEvent
from userapi.invitations.models import Invitation
from userapi.invitations.records import InvitationDraft, InvitationRecord, InvitationState
from userapi.invitations.repository import InvitationRepository
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import canonical_email
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction
from userapi.mail.links import Link, LinkKind
from userapi.mail.records import Mail, Recipient
from userapi.mail.service import Mailer
from userapi.one_time_tokens.records import IssuedToken, Purpose, TokenSubject
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.users.errors import EmailTaken
from userapi.users.policy import can_be_freed
from userapi.users.repository import UserRepository


class InvitationService:
    """Invitations, as admins make, see and revoke them."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        invitations: InvitationRepository,
        users: UserRepository,
        tokens: OneTimeTokens,
        mailer: Mailer,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._invitations = invitations
        self._users = users
        self._tokens = tokens
        self._mailer = mailer
        self._audit = audit
        self._clock = clock

    def invite(self, principal: Principal, draft: InvitationDraft) -> InvitationRecord:
        """Mail an invitation; one that waits for the same address is void from then on.

        Raises `NotAllowed`, `EmailTaken`, `InvitationRaced`, or `InvitationNotMailed`, after which
        everything is as it was.
        """
        email = canonical_email(draft.email)
        with self._transaction.of(principal) as tx:
            policy.INVITING.ensure(tx.principal)
            self._ensure_free(email)
            for replaced in self._invitations.revoke_waiting(email):
                self._make_void(replaced)
            invited = self._invite(principal, draft, email)
            tx.commit()
        return invited

    def list(self, principal: Principal, request: KeysetRequest) -> KeysetPage[InvitationRecord]:
        """Return a part of all invitations, newest first; raise `NotAllowed`."""
        policy.INVITING.ensure(principal)
        return self._invitations.list(request)

    def get(self, principal: Principal, invitation_id: uuid.UUID) -> InvitationRecord:
        """Return one invitation that was not revoked.

        Raises `NotAllowed` or `InvitationNotFound`.
        """
        policy.INVITING.ensure(principal)
        found = self._invitations.get(invitation_id)
        if found is None or found.state is InvitationState.REVOKED:
            raise InvitationNotFound
        return found

    def revoke(self, principal: Principal, invitation_id: uuid.UUID) -> None:
        """Let nobody accept an invitation any more, and mail it no more if it waits still.

        Raises `NotAllowed`, `InvitationNotFound` or `InvitationEnded`.
        """
        with self._transaction.of(principal) as tx:
            policy.INVITING.ensure(tx.principal)
            if not self._invitations.revoke(invitation_id):
                self.get(tx.principal, invitation_id)  # there is one, or it is not found
                raise InvitationEnded
            self._make_void(invitation_id)
            self._audit.record(principal, InvitationEvent.REVOKED, object=invitation_id)
            tx.commit()

    def _ensure_free(self, email: str) -> None:
        """Raise `EmailTaken` where an account would keep that address from who was invited."""
        holder = self._users.find_holder(email)
        if holder is None:
            return
        if not can_be_freed(holder.email_verified_at, holder.email_set_at, self._clock()):
            raise EmailTaken

    def _invite(self, principal: Principal, draft: InvitationDraft, email: str) -> InvitationRecord:
        invitation_id = uuid.uuid4()
        issued = self._tokens.issue(
            Purpose.INVITATION, TokenSubject(email, subject_id=invitation_id), draft.lifetime
        )
        self._invitations.add(
            Invitation(
                id=invitation_id,
                email=email,
                role=draft.role,
                language=draft.language,
                invited_by=principal.user_id,
                created_at=issued.expires_at - draft.lifetime,
                expires_at=issued.expires_at,
            )
        )
        self._mail(invitation_id, draft, issued)
        details = {"role": str(draft.role)}
        self._audit.record(
            principal, InvitationEvent.CREATED, object=invitation_id, details=details
        )
        return self.get(principal, invitation_id)

    def _mail(self, invitation_id: uuid.UUID, draft: InvitationDraft, issued: IssuedToken) -> None:
        mail = Mail(
            template="invitation",
            recipient=Recipient(draft.email, language=draft.language),
            link=Link(LinkKind.INVITE, issued.token),
            expires_at=issued.expires_at,
            about=_about(invitation_id),
        )
        if not self._mailer.put(mail):
            raise InvitationNotMailed

    def _make_void(self, invitation_id: uuid.UUID) -> None:
        """Let an invitation that is over leave no link that works."""
        self._tokens.revoke_of_subject(invitation_id)
        self._mailer.withdraw(_about(invitation_id))


def _about(invitation_id: uuid.UUID) -> str:
    return f"invitation {invitation_id}"
