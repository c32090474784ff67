"""Refreshing and logging out over HTTP."""

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.kit.signing import NoSigningKey
from userapi.kit.tokens import TokenKind
from userapi.sessions.schemas import ACCESS_TOKEN_EXAMPLE, AccessTokenSchema
from userapi.sessions.service import AccessToken, SessionService
from userapi.web.blueprint import Blueprint
from userapi.web.schemas import MessageSchema
from userapi.web.services import Provided

blp = Blueprint("sessions", description="Login sessions, one for each device.")


@blp.route("/auth/refresh", tags=["auth"])
class Refresh(MethodView):
    """New access tokens."""

    service = Provided(SessionService)

    @blp.auth(token=TokenKind.REFRESH)
    @blp.response(200, AccessTokenSchema, example=ACCESS_TOKEN_EXAMPLE)
    @blp.raises(NoSigningKey)
    @blp.doc(operationId="refresh")
    def post(self, principal: Principal) -> AccessToken:
        """Get a new access token.

        Takes the refresh token as the bearer token. It works until it expires or the session
        ends, whichever is first.
        """
        return self.service.refresh(principal)


@blp.route("/auth/logout", tags=["auth"])
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
