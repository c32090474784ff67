"""Refreshing, logging out and sessions over HTTP."""

import uuid

from flask.views import MethodView

from userapi.kit.pagination import Page, PageRequest
from userapi.kit.principal import Principal
from userapi.rate_limits.decorator import counted_by_client, counted_by_session, limited
from userapi.sessions.credentials import REFRESH_TOKEN
from userapi.sessions.errors import RefreshTokenReused, SessionNotFound
from userapi.sessions.policy import MANAGING_OTHERS
from userapi.sessions.records import NEWEST_FIRST, SessionView, TokenPair
from userapi.sessions.schemas import (
    SESSION_LINKS,
    USER_SESSION_LINKS,
    MessageSchema,
    RevokedSessionsSchema,
    SessionQuerySchema,
    SessionSchema,
    TokenPairSchema,
)
from userapi.sessions.services.lifecycle import SessionService
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.tokens.errors import NoSigningKey
from userapi.users.errors import UserNotFound
from userapi.web.authentication import ACCESS_TOKEN
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("sessions", description="Login sessions, one for each device.")


@blp.route("/auth/refresh", tags=["auth"])
class Refresh(MethodView):
    """New tokens."""

    service = Provided(SessionService)

    @limited("refresh")
    @counted_by_session
    @blp.auth(credentials=(REFRESH_TOKEN,))
    @blp.response(200, TokenPairSchema)
    @blp.raises(RefreshTokenReused, NoSigningKey)
    @blp.doc(operationId="refresh")
    def post(self, principal: Principal) -> TokenPair:
        """Get new tokens.

        Send the refresh token as the bearer token. It is replaced: keep the one in the answer. If
        no answer came, the same client may send it again within a few seconds (10 unless
        configured otherwise), and gets the same new refresh token. Sent later, by another client
        or after the new one was used, it may be a copy: the session is ended.
        """
        return self.service.refresh(principal)


@blp.route("/auth/logout", tags=["auth"])
class Logout(MethodView):
    """The end of a session."""

    service = Provided(SessionService)

    @counted_by_client
    @blp.auth(credentials=(ACCESS_TOKEN, REFRESH_TOKEN))
    @blp.response(200, MessageSchema)
    @blp.doc(operationId="logout")
    def post(self, principal: Principal) -> dict[str, str]:
        """Log out.

        Ends this session: its access tokens and its refresh token stop working at once. The
        caller's other sessions stay. Send the access token or, also when that has expired, the
        refresh token; one that was replaced ends the session as well.
        """
        self.service.log_out(principal)
        return {"message": "Successfully logged out"}


@blp.route("/auth/sessions")
class OwnSessions(MethodView):
    """The caller's sessions."""

    service = Provided(UserSessionService)

    @blp.auth()
    @blp.arguments(SessionQuerySchema, location="query")
    @blp.page(SessionSchema, NEWEST_FIRST, name="SessionList")
    @blp.links(*SESSION_LINKS)
    @blp.doc(operationId="list_sessions")
    def get(self, principal: Principal, request: PageRequest) -> Page[SessionView]:
        """List the caller's sessions.

        The active ones, the newest first. There are at most 100, all of which a page has unless
        fewer are asked for. The time and the origin of the latest use are updated at most once a
        minute.
        """
        return self.service.list(principal, principal.user_id, request)

    @counted_by_session
    @blp.auth()
    @blp.response(200, RevokedSessionsSchema)
    @blp.doc(operationId="revoke_other_sessions")
    def delete(self, principal: Principal) -> dict[str, int]:
        """End the caller's other sessions.

        All but the current one; their tokens stop working at once.
        """
        return {"revoked": self.service.revoke_others(principal, principal.user_id)}


@blp.route("/auth/sessions/<uuid:session_id>")
class OwnSession(MethodView):
    """One of the caller's sessions."""

    service = Provided(UserSessionService)

    @counted_by_session
    @blp.auth()
    @blp.response(204)
    @blp.raises(SessionNotFound)
    @blp.doc(operationId="revoke_session")
    def delete(self, principal: Principal, session_id: uuid.UUID) -> None:
        """End one of the caller's sessions.

        Its tokens stop working at once. It may be the current session.
        """
        self.service.revoke(principal, principal.user_id, session_id)


@blp.route("/users/<id:user_id>/sessions")
class UserSessions(MethodView):
    """A user's sessions."""

    service = Provided(UserSessionService)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.arguments(SessionQuerySchema, location="query")
    @blp.page(SessionSchema, NEWEST_FIRST, name="SessionList")
    @blp.raises(UserNotFound)
    @blp.links(*USER_SESSION_LINKS)
    @blp.doc(operationId="list_user_sessions")
    def get(self, principal: Principal, request: PageRequest, user_id: int) -> Page[SessionView]:
        """List a user's sessions.

        For admins. The active ones, the newest first; at most 100, all of which a page has unless
        fewer are asked for.
        """
        return self.service.list(principal, user_id, request)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(200, RevokedSessionsSchema)
    @blp.raises(UserNotFound)
    @blp.doc(operationId="revoke_user_sessions")
    def delete(self, principal: Principal, user_id: int) -> dict[str, int]:
        """End all sessions of a user.

        For admins. Their tokens stop working at once. Admins who end their own sessions keep the
        current one.
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

        For admins. Its tokens stop working at once.
        """
        self.service.revoke(principal, user_id, session_id)
