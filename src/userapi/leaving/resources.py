"""Leaving over HTTP."""

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.leaving.policy import RESTORING
from userapi.leaving.records import Export
from userapi.leaving.schemas import AccountClosingSchema, ExportSchema
from userapi.leaving.services.closing import LeavingService
from userapi.leaving.services.export import ExportService
from userapi.leaving.services.restoring import RestoreService
from userapi.passwords.errors import PROOF_ERRORS
from userapi.rate_limits.decorator import counted_by_session, limited
from userapi.users.errors import EmailTaken, LastAdmin, UserNotFound
from userapi.users.records import UserRecord
from userapi.users.schemas import UserSchema
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("leaving", description="What is kept of a person, and how accounts end.")


@blp.route("/users/me/export")
class OwnExport(MethodView):
    """What is kept of the caller."""

    service = Provided(ExportService)

    @limited("export", "10 per hour")
    @blp.auth()
    @blp.response(200, ExportSchema)
    @blp.doc(operationId="export_own_data")
    def get(self, principal: Principal) -> Export:
        """Get what is kept of the caller.

        The profile, posts, sessions, devices, events that concern the caller, mails, invitations
        and what installed features keep, each kind a section; no password and no token, nor a hash
        of one. Of a kind with more than 1,000 items, or 500,000 bytes, only the newest are there,
        and `is_complete` is false: posts and events are all listed elsewhere, and the operator
        exports everything.
        """
        return self.service.export_own(principal)


@blp.route("/users/me/close")
class Closing(MethodView):
    """The end of the caller's account."""

    service = Provided(LeavingService)

    @limited("close", "30 per 5 minutes")
    @counted_by_session
    @blp.auth()
    @blp.arguments(AccountClosingSchema)
    @blp.response(204)
    @blp.raises(LastAdmin, *PROOF_ERRORS)
    @blp.doc(operationId="close_own_account")
    def post(self, principal: Principal, closing: dict[str, str]) -> None:
        """Close the caller's account.

        Ends all sessions at once, and whatever else works for the account: known devices, mailed
        links but those that undo a change of address. Posts stay, and the e-mail address may be
        registered again. An administrator can restore the account for 30 days, if the operator has
        not chosen another time; then what is kept of the person is erased. The last active admin
        cannot leave.

        Wrong passwords are counted as those of `POST /auth/password/change` are.
        """
        self.service.close_own(principal, closing["password"])


@blp.route("/users/<id:closed_user_id>/restore")
class Restoring(MethodView):
    """The way back."""

    service = Provided(RestoreService)

    @blp.auth(rule=RESTORING)
    @blp.response(200, UserSchema)
    @blp.raises(UserNotFound, EmailTaken)
    @blp.doc(operationId="restore_user")
    def post(self, principal: Principal, closed_user_id: int) -> UserRecord:
        """Restore a closed account.

        For admins, for 30 days after it was closed or deleted if the operator has not chosen
        another time. The user is as it was, and logs in anew: sessions and devices stay ended. It
        fails while another account has the e-mail address; one that has not proven it is closed
        where this one has. An account that is not closed stays as it is.
        """
        return self.service.restore(principal, closed_user_id)
