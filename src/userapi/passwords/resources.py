"""Passwords over HTTP."""

from flask.views import MethodView

from userapi.kit.errors import HashingBusy
from userapi.kit.principal import Principal
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.passwords.errors import PROOF_ERRORS
from userapi.passwords.policy import RESETTING
from userapi.passwords.records import PasswordChange, PasswordReset
from userapi.passwords.schemas import (
    PasswordChangeSchema,
    PasswordForgottenSchema,
    PasswordMailSchema,
    PasswordResetSchema,
)
from userapi.passwords.services.changing import PasswordChangeService
from userapi.passwords.services.forgetting import ForgottenPasswords
from userapi.passwords.services.resetting import PasswordResetService
from userapi.rate_limits.decorator import counted_by_session, limited
from userapi.users.errors import UserNotFound
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("passwords", description="Changing and resetting passwords.")

_ASKED = {"message": "If an account has this address, a link is on its way to it."}
_VOIDED = {"message": "A link is on its way to the user."}


@blp.route("/auth/password/change")
class PasswordChanging(MethodView):
    """The caller's password."""

    service = Provided(PasswordChangeService)

    @limited("password")
    @counted_by_session
    @blp.auth()
    @blp.arguments(PasswordChangeSchema)
    @blp.response(204)
    @blp.raises(*PROOF_ERRORS)
    @blp.doc(operationId="change_password")
    def post(self, principal: Principal, change: PasswordChange) -> None:
        """Change the caller's password.

        Ends all other sessions of the caller at once; no other device is known any longer. The
        session that asks goes on.

        Wrong passwords are counted: after some of them further ones are delayed, and finally none
        is looked at until the password is reset or an administrator unlocks the account. They hold
        up no login.
        """
        self.service.change(principal, change)


@blp.route("/auth/password/forgot")
class PasswordForgetting(MethodView):
    """Links for those who have forgotten their passwords."""

    service = Provided(ForgottenPasswords)

    @limited("password")
    @blp.arguments(PasswordForgottenSchema)
    @blp.response(202, PasswordMailSchema)
    @blp.doc(operationId="forget_password")
    def post(self, forgotten: dict[str, str]) -> dict[str, str]:
        """Have a link mailed that resets the password.

        The answer is the same whether or not an account has the address. The link works once, for
        30 minutes, until the password or the address changes. Nothing else changes: the password
        works still, and so do links that were mailed before. A mailbox gets only so many of these
        mails in an hour.
        """
        self.service.ask(forgotten["email"])
        return _ASKED


@blp.route("/auth/password/reset")
class PasswordResetting(MethodView):
    """New passwords for those who have followed a link."""

    service = Provided(PasswordResetService)

    @limited("password")
    @blp.arguments(PasswordResetSchema)
    @blp.response(204)
    @blp.raises(HashingBusy, LinkInvalid)
    @blp.doc(operationId="reset_password")
    def post(self, reset: PasswordReset) -> None:
        """Reset a password with the token of a mailed link.

        Ends all sessions of the account, forgets its devices, and lifts what failed logins have
        brought about. A link that was mailed proves the address. A new password that is refused
        does not use the link up. Whoever was deactivated is so still.
        """
        self.service.reset(reset)


@blp.route("/users/<id:user_id>/password-reset")
class UserPassword(MethodView):
    """The password of one user."""

    service = Provided(PasswordResetService)

    @blp.auth(rule=RESETTING)
    @blp.response(202, PasswordMailSchema)
    @blp.raises(HashingBusy, UserNotFound)
    @blp.doc(operationId="reset_user_password")
    def post(self, principal: Principal, user_id: int) -> dict[str, str]:
        """Make a user's password void.

        For admins. The password stops working, and all sessions of the user end at once; no device
        is known any longer. A link by which the user chooses another password is mailed.
        """
        self.service.void(principal, user_id)
        return _VOIDED
