"""Logging in, refreshing and logging out over HTTP."""

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.kit.tokens import TokenKind
from userapi.sessions.errors import AccountDeactivated, InvalidCredentials
from userapi.sessions.schemas import AccessTokenSchema, LoginSchema, TokenPairSchema
from userapi.sessions.service import AccessToken, SessionService, TokenPair
from userapi.web.blueprint import Blueprint
from userapi.web.schemas import MessageSchema
from userapi.web.services import Provided

blp = Blueprint("auth", description="Logging in, refreshing, logging out.")

_ACCESS_EXAMPLE = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
    "token_type": "bearer",
    "expires_in": 3600,
}
_PAIR_EXAMPLE = {
    **_ACCESS_EXAMPLE,
    "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2lnbmF0dXJl",
}


@blp.route("/auth/login")
class Login(MethodView):
    """New sessions."""

    service = Provided(SessionService)

    @blp.arguments(
        LoginSchema, example={"email": "ada@example.com", "password": "correct horse battery"}
    )
    @blp.response(200, TokenPairSchema, example=_PAIR_EXAMPLE)
    @blp.raises(InvalidCredentials, AccountDeactivated)
    @blp.doc(operationId="login")
    def post(self, credentials: dict[str, str]) -> TokenPair:
        """Log in.

        Every login opens a session of its own. An unknown address and a wrong password get
        the same answer; that an account is deactivated is told only after the right password.
        """
        return self.service.log_in(credentials["email"], credentials["password"])


@blp.route("/auth/refresh")
class Refresh(MethodView):
    """New access tokens."""

    service = Provided(SessionService)

    @blp.auth(token=TokenKind.REFRESH)
    @blp.response(200, AccessTokenSchema, example=_ACCESS_EXAMPLE)
    @blp.doc(operationId="refresh")
    def post(self, principal: Principal) -> AccessToken:
        """Get a new access token.

        Takes the refresh token as the bearer token. It works until it expires or the session
        ends, whichever is first.
        """
        return self.service.refresh(principal)


@blp.route("/auth/logout")
class Logout(MethodView):
    """The end of a session."""

    service = Provided(SessionService)

    @blp.auth()
    @blp.response(200, MessageSchema, example={"message": "Successfully logged out"})
    @blp.doc(operationId="logout")
    def post(self, principal: Principal) -> dict[str, str]:
        """Log out.

        From then on neither the access token nor the refresh token of this session works
        anywhere. The caller's other sessions go on.
        """
        self.service.log_out(principal)
        return {"message": "Successfully logged out"}
