"""Logging in over HTTP."""

from flask.views import MethodView

from userapi.kit.errors import HashingBusy
from userapi.login.errors import AccountDeactivated, EmailUnverified, InvalidCredentials
from userapi.login.schemas import LoginResultSchema, LoginSchema
from userapi.login.service import LoginResult, LoginService
from userapi.rate_limits.decorator import limited
from userapi.throttling.errors import LoginDelayed, LoginLocked
from userapi.tokens.errors import NoSigningKey
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("auth", description="Logging in, refreshing, logging out.")


@blp.route("/auth/login")
class Login(MethodView):
    """New sessions."""

    service = Provided(LoginService)

    @limited("login")
    @blp.arguments(LoginSchema)
    @blp.response(200, LoginResultSchema)
    @blp.raises(
        AccountDeactivated,
        EmailUnverified,
        HashingBusy,
        InvalidCredentials,
        LoginDelayed,
        LoginLocked,
        NoSigningKey,
    )
    @blp.doc(operationId="login")
    def post(self, login: dict[str, str]) -> LoginResult:
        """Log in.

        Every login opens a session of its own. An unknown address and a wrong password get
        the same answer; that an account is deactivated, or its address not confirmed where that is
        asked for, is told only after the right password.

        Failures in a row are counted for each address, known or not. After some of them further
        attempts are delayed, and finally sign-in is locked until an administrator unlocks it.
        Send the `device_token` of the last login from the same device: then only failures from
        that device count, and nobody else's failures lock its owner out.

        Failures are counted for the client's network and for all clients together as well. A
        network in which too many logins failed has to wait; when too many failed everywhere, those
        wait whose network or address has failures of its own.
        """
        return self.service.log_in(login["email"], login["password"], login.get("device_token"))
