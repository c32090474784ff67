"""Logging in over HTTP."""

from flask.views import MethodView

from userapi.kit.signing import NoSigningKey
from userapi.logins.errors import AccountDeactivated, InvalidCredentials
from userapi.logins.schemas import LoginSchema
from userapi.logins.service import LoginService
from userapi.sessions.schemas import TOKEN_PAIR_EXAMPLE, TokenPairSchema
from userapi.sessions.service import TokenPair
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("auth", description="Logging in, refreshing, logging out.")


@blp.route("/auth/login")
class Login(MethodView):
    """New sessions."""

    service = Provided(LoginService)

    @blp.arguments(
        LoginSchema, example={"email": "ada@example.com", "password": "correct horse battery"}
    )
    @blp.response(200, TokenPairSchema, example=TOKEN_PAIR_EXAMPLE)
    @blp.raises(InvalidCredentials, AccountDeactivated, NoSigningKey)
    @blp.doc(operationId="login")
    def post(self, credentials: dict[str, str]) -> TokenPair:
        """Log in.

        Every login opens a session of its own. An unknown address and a wrong password get
        the same answer; that an account is deactivated is told only after the right password.
        """
        return self.service.log_in(credentials["email"], credentials["password"])
