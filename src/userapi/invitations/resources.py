"""Invitations over HTTP."""

import uuid

from flask.views import MethodView

from userapi.invitations.errors import (
    InvitationEnded,
    InvitationNotFound,
    InvitationNotMailed,
    InvitationRaced,
)
from userapi.invitations.policy import INVITING
from userapi.invitations.records import NEWEST_FIRST, InvitationDraft, InvitationRecord
from userapi.invitations.schemas import (
    INVITATION_LINKS,
    InvitationCreateSchema,
    InvitationQuerySchema,
    InvitationSchema,
)
from userapi.invitations.services.inviting import InvitationService
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.rate_limits.decorator import limited
from userapi.users.errors import EmailTaken
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("invitations", description="Invitations to have an account.")


@blp.route("/admin/invitations")
class Invitations(MethodView):
    """All invitations."""

    service = Provided(InvitationService)

    @blp.auth(rule=INVITING)
    @blp.arguments(InvitationQuerySchema, location="query")
    @blp.keyset_page(InvitationSchema, NEWEST_FIRST)
    @blp.links(Link("get_invitation", {"invitation_id": "$response.body#/invitations/0/id"}))
    @blp.doc(operationId="list_invitations")
    def get(self, principal: Principal, query: KeysetRequest) -> KeysetPage[InvitationRecord]:
        """List invitations.

        For admins. The newest come first, whatever became of them. Some time after its end (30
        days unless configured otherwise) an invitation is deleted.
        """
        return self.service.list(principal, query)

    @limited("invite", "60 per 5 minutes")
    @blp.auth(rule=INVITING)
    @blp.arguments(InvitationCreateSchema)
    @blp.created(InvitationSchema, location="/admin/invitations/{id}")
    @blp.raises(EmailTaken, InvitationNotMailed, InvitationRaced)
    @blp.links(*INVITATION_LINKS)
    @blp.doc(operationId="create_invitation")
    def post(self, principal: Principal, draft: InvitationDraft) -> InvitationRecord:
        """Invite somebody.

        For admins. A link is mailed to the address; whoever follows it registers with that
        address, which then counts as proven, and gets that role. It works once. Inviting the
        same address again mails a new link, and the one before is void.

        Where the admin is one no more when the invitation is accepted, it is void, unless the role
        is `user`.
        """
        return self.service.invite(principal, draft)


@blp.route("/admin/invitations/<uuid:invitation_id>")
class InvitationItem(MethodView):
    """One invitation."""

    service = Provided(InvitationService)

    @blp.auth(rule=INVITING)
    @blp.response(200, InvitationSchema)
    @blp.raises(InvitationNotFound)
    @blp.doc(operationId="get_invitation")
    def get(self, principal: Principal, invitation_id: uuid.UUID) -> InvitationRecord:
        """Read an invitation.

        For admins. One that was revoked or replaced is not found; the list tells of it.
        """
        return self.service.get(principal, invitation_id)

    @blp.auth(rule=INVITING)
    @blp.response(204)
    @blp.raises(InvitationEnded, InvitationNotFound)
    @blp.doc(operationId="revoke_invitation")
    def delete(self, principal: Principal, invitation_id: uuid.UUID) -> None:
        """Revoke an invitation.

        For admins. Its link works no more, and a mail that was not sent yet never is.
        """
        self.service.revoke(principal, invitation_id)
