"""Registration over HTTP."""

from flask.views import MethodView

from userapi.idempotency.decorator import idempotent
from userapi.invitations.errors import InvitationForAnotherAddress
from userapi.kit.errors import HashingBusy
from userapi.kit.principal import Principal
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.passwords.errors import PROOF_ERRORS
from userapi.rate_limits.decorator import limited
from userapi.registration.errors import (
    EmailChangesLimited,
    InvitationRequired,
    RegistrationClosed,
    RegistrationsLimited,
)
from userapi.registration.records import (
    EmailChange,
    MailPromised,
    ProvenAddress,
    Registration,
    RegistrationPending,
)
from userapi.registration.schemas import (
    AddressMailSchema,
    AddressSchema,
    EmailChangeSchema,
    EmailTokenSchema,
    ProvenAddressSchema,
    RegistrationPendingSchema,
    UserCreateSchema,
)
from userapi.registration.services.address_change import EmailChangeService
from userapi.registration.services.readdressing import EmailUndoService
from userapi.registration.services.registration import RegistrationService
from userapi.registration.services.verification import ResendService, VerificationService
from userapi.users.errors import EmailTaken
from userapi.users.records import UserRecord
from userapi.users.schemas import USER_LINKS, UserSchema
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("accounts", description="Registration, and the e-mail addresses of accounts.")


@blp.route("/users")
class Accounts(MethodView):
    """New accounts."""

    service = Provided(RegistrationService)

    @limited("register")
    @blp.arguments(UserCreateSchema)
    @idempotent
    @blp.created(UserSchema, location="/users/{id}")
    @blp.etag
    @blp.or_accepted(RegistrationPendingSchema, RegistrationPending)
    @blp.raises(
        EmailTaken,
        HashingBusy,
        InvitationForAnotherAddress,
        InvitationRequired,
        LinkInvalid,
        RegistrationClosed,
        RegistrationsLimited,
    )
    @blp.links(
        *USER_LINKS,
        Link("login", body={name: f"$request.body#/{name}" for name in ("email", "password")}),
    )
    @blp.doc(operationId="register")
    def post(self, registration: Registration) -> UserRecord | RegistrationPending:
        """Register.

        Anyone may, unless registration is closed. The account is active at once, and a link is
        mailed that proves the address. E-mail addresses are unique, however they are spelled; that
        of a deleted account can be used again.

        The answer 202 makes no account yet: a link is mailed, and the account is made when it is
        followed. So is an address registered that another account has had for 7 days without
        proof, and every address where the service does not tell which ones are taken. The password
        is that of this request.

        With the `invitation_token` of a mailed invitation, which is for that address and works
        once, the account has the role that was chosen for it, and its address is proven. Where
        only those may register who were invited, no account comes without it.
        """
        return self.service.register(registration)


@blp.route("/auth/email/verify")
class EmailVerification(MethodView):
    """Proofs of addresses."""

    service = Provided(VerificationService)

    @limited("email")
    @blp.arguments(EmailTokenSchema)
    @blp.response(200, ProvenAddressSchema)
    @blp.raises(EmailTaken, LinkInvalid)
    @blp.doc(operationId="verify_email")
    def post(self, body: dict[str, str]) -> ProvenAddress:
        """Prove an address with the token of a mailed link.

        What follows depends on the mail: an address counts as proven, a registration that waited
        becomes an account, or an account gets the address that was asked for. In the last case all
        its sessions end, no device is known any longer, and the old address is told.

        A token works once. The answer `link-invalid` to a second try does not tell whether the
        first one worked: whoever has logged in sees it in `email_verified`.
        """
        return self.service.verify(body["token"])


@blp.route("/auth/email/verify/resend")
class EmailVerificationMail(MethodView):
    """Links that are asked for once more."""

    service = Provided(ResendService)

    @limited("email")
    @blp.arguments(AddressSchema)
    @blp.response(202, AddressMailSchema)
    @blp.doc(operationId="resend_verification")
    def post(self, body: dict[str, str]) -> MailPromised:
        """Have the link mailed once more that proves an address.

        The answer is the same whether or not an account has the address, or a registration waits
        for it. Links that were mailed before work still. A mailbox gets only so many of these mails
        in an hour.
        """
        return self.service.ask(body["email"])


@blp.route("/auth/email/change")
class EmailChanging(MethodView):
    """The caller's address."""

    service = Provided(EmailChangeService)

    @limited("email")
    @blp.auth()
    @blp.arguments(EmailChangeSchema)
    @blp.response(202, AddressMailSchema)
    @blp.raises(*PROOF_ERRORS, EmailChangesLimited)
    @blp.doc(operationId="change_email")
    def post(self, principal: Principal, change: EmailChange) -> MailPromised:
        """Ask for another address.

        A link is mailed to it, and works for 24 hours: the address counts when the link is
        followed. Until then nothing changes. A link that was asked for before is void, and so is
        this one once the password or the address changes. The answer is the same whether or not
        another account has the address: only its owner is told.

        The old address, if it was proven, gets a link that undoes the change within 7 days. While
        three changes can be undone there is no fourth.
        """
        return self.service.ask(principal, change)


@blp.route("/auth/email/undo")
class EmailUndoing(MethodView):
    """Changes of addresses that are undone."""

    service = Provided(EmailUndoService)

    @limited("email")
    @blp.arguments(EmailTokenSchema)
    @blp.response(200, ProvenAddressSchema)
    @blp.raises(EmailTaken, HashingBusy, LinkInvalid)
    @blp.doc(operationId="undo_email_change")
    def post(self, body: dict[str, str]) -> ProvenAddress:
        """Undo a change of address with the token that the old address was mailed.

        The account has its old address again. Whoever changed it knew the password: it stops
        working, all sessions end, no device is known any longer, and a link by which another
        password is chosen is mailed to the old address. Later changes cannot be undone any more.
        An account that was closed stays so, and nothing is mailed: an admin can restore it.
        """
        return self.service.undo(body["token"])
