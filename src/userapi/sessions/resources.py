"""Refreshing, logging out and devices over HTTP."""

import uuid

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.rate_limits.decorator import limited
from userapi.sessions.credentials import REFRESH_TOKEN
from userapi.sessions.errors import RefreshTokenReused, SessionNotFound
from userapi.sessions.policy import MANAGING_OTHERS
from userapi.sessions.records import SessionView, TokenPair
from userapi.sessions.schemas import (
    SESSION_LINKS,
    USER_SESSION_LINKS,
    MessageSchema,
    RevokedSessionsSchema,
    SessionListSchema,
    TokenPairSchema,
)
from userapi.sessions.services.lifecycle import SessionService
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.tokens.keys.signing import NoSigningKey
from userapi.users.errors import UserNotFound
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("sessions", description="Login sessions, one for each device.")


@blp.route("/auth/refresh", tags=["auth"])
class Refresh(MethodView):
    """New tokens."""

    service = Provided(SessionService)

    @limited("refresh")
    @blp.auth(credentials=(REFRESH_TOKEN,))
    @blp.response(200, TokenPairSchema)
    @blp.raises(RefreshTokenReused, NoSigningKey)
    @blp.doc(operationId="refresh")
    def post(self, principal: Principal) -> TokenPair:
        """Get new tokens.

        Takes the refresh token as the bearer token, and replaces it: keep the one in the answer.
        If no answer came, the same token may be sent again within a few seconds (10 unless
        configured otherwise), and gets the same new refresh token. Sent later, or after the new
        one was used, it ends the session with all of its tokens, because somebody may have
        copied it.
        """
        return self.service.refresh(principal)


@blp.route("/auth/logout", tags=["auth"])
class Logout(MethodView):
    """The end of a session."""

    service = Provided(SessionService)

    @blp.auth()
    @blp.response(200, MessageSchema)
    @blp.doc(operationId="logout")
    def post(self, principal: Principal) -> dict[str, str]:
        """Log out.

        From then on neither the access tokens nor the refresh token of this session work
        anywhere. The caller's other sessions go on.
        """
        self.service.log_out(principal)
        return {"message": "Successfully logged out"}


@blp.route("/auth/sessions")
class OwnSessions(MethodView):
    """The caller's sessions."""

    service = Provided(UserSessionService)

    @blp.auth()
    @blp.response(200, SessionListSchema)
    @blp.links(*SESSION_LINKS)
    @blp.doc(operationId="list_sessions")
    def get(self, principal: Principal) -> dict[str, list[SessionView]]:
        """List the caller's sessions.

        Those that are alive, at most the newest 100. Where the latest use came from, and when it
        was, is noted at most once a minute.
        """
        return {"sessions": self.service.list(principal, principal.user_id)}

    @blp.auth()
    @blp.response(200, RevokedSessionsSchema)
    @blp.doc(operationId="revoke_other_sessions")
    def delete(self, principal: Principal) -> dict[str, int]:
        """End the caller's other sessions.

        All but the one that asks, however many there are: none of their tokens works from then
        on.
        """
        return {"revoked": self.service.revoke_others(principal, principal.user_id)}


@blp.route("/auth/sessions/<uuid:session_id>")
class OwnSession(MethodView):
    """One of the caller's sessions."""

    service = Provided(UserSessionService)

    @blp.auth()
    @blp.response(204)
    @blp.raises(SessionNotFound)
    @blp.doc(operationId="revoke_session")
    def delete(self, principal: Principal, session_id: uuid.UUID) -> None:
        """End one of the caller's sessions.

        None of its tokens works from then on. It may be the session that asks.
        """
        self.service.revoke(principal, principal.user_id, session_id)


@blp.route("/users/<id:user_id>/sessions")
class UserSessions(MethodView):
    """A user's sessions."""

    service = Provided(UserSessionService)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(200, SessionListSchema)
    @blp.raises(UserNotFound)
    @blp.links(*USER_SESSION_LINKS)
    @blp.doc(operationId="list_user_sessions")
    def get(self, principal: Principal, user_id: int) -> dict[str, list[SessionView]]:
        """List a user's sessions.

        For admins. Those that are alive, at most the newest 100.
        """
        return {"sessions": self.service.list(principal, user_id)}

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(200, RevokedSessionsSchema)
    @blp.raises(UserNotFound)
    @blp.doc(operationId="revoke_user_sessions")
    def delete(self, principal: Principal, user_id: int) -> dict[str, int]:
        """End all sessions of a user.

        For admins. None of their tokens works from then on. Only the session that asks is
        spared, when admins name themselves.
        """
        return {"revoked": self.service.revoke_others(principal, user_id)}


@blp.route("/users/<id:user_id>/sessions/<uuid:session_id>")
class UserSession(MethodView):
    """One of a user's sessions."""

    service = Provided(UserSessionService)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(204)
    @blp.raises(SessionNotFound)
    @blp.doc(operationId="revoke_user_session")
    def delete(self, principal: Principal, user_id: int, session_id: uuid.UUID) -> None:
        """End one session of a user.

        For admins. None of its tokens works from then on.
        """
        self.service.revoke(principal, user_id, session_id)
