"""Tokens and sessions on the wire."""

from marshmallow import fields

from userapi.kit.user_agents import DESCRIPTION_LENGTH
from userapi.sessions.models import ADDRESS_LENGTH
from userapi.sessions.records import MAX_SESSIONS, NEWEST_FIRST
from userapi.tokens.claims import TOKEN_LENGTH
from userapi.web.fields import Timestamp
from userapi.web.known_values import OpenString
from userapi.web.operation import Link
from userapi.web.output import OutputSchema
from userapi.web.output_fields import (
    MAX_ID,
    MAX_INT32,
    VISIBLE,
    BoundedInteger,
    BoundedString,
    UuidIdentifier,
)
from userapi.web.query_fields import QueryInteger, cursor_of
from userapi.web.schemas import PageQuerySchema

_MESSAGE_LENGTH = 200
_FIRST_SESSION = {"session_id": "$response.body#/sessions/0/id"}
_SAME_USER = {"user_id": "$request.path.user_id"}
SESSION_LINKS = (Link("revoke_session", _FIRST_SESSION), Link("revoke_other_sessions"))
"""What can be done next with the caller's own sessions."""
USER_SESSION_LINKS = (
    Link("revoke_user_session", _FIRST_SESSION | _SAME_USER),
    Link("revoke_user_sessions", _SAME_USER),
)
"""What can be done next with the sessions of any user."""


class TokenPairSchema(OutputSchema):
    """What a login or a refresh gives."""

    example = {
        "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2lnbmF0dXJl",
    }

    access_token = BoundedString(
        max_length=TOKEN_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "Send it as `Authorization: Bearer <token>`."},
    )
    token_type = OpenString(known=["bearer"], required=True)
    expires_in = BoundedInteger(
        minimum=1,
        maximum=MAX_INT32,
        required=True,
        metadata={"description": "The access token's lifetime in seconds."},
    )
    refresh_token = BoundedString(
        max_length=TOKEN_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "Only for `POST /api/v1/auth/refresh`, and only once."},
    )


class SessionSchema(OutputSchema):
    """A live login session: one of the user's devices."""

    plural = "sessions"
    example = {
        "id": "5f0c2a4e-7f0b-4f5e-9c59-3c2c0f2b7a11",
        "created_at": "2026-01-31T09:30:00.123456Z",
        "last_used_at": "2026-02-02T08:15:00.123456Z",
        "expires_at": "2026-02-09T08:01:00.123456Z",
        "address": "192.0.2.7",
        "user_agent": "Chrome 120 on Linux",
        "current": True,
    }

    id = UuidIdentifier(required=True)
    created_at = Timestamp(required=True, metadata={"description": "The login."})
    last_used_at = Timestamp(
        required=True, metadata={"description": "The latest use, to about a minute."}
    )
    expires_at = Timestamp(
        required=True, metadata={"description": "The session's end, unless it is refreshed before."}
    )
    address = BoundedString(
        max_length=ADDRESS_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "Where the latest use came from."},
    )
    user_agent = BoundedString(
        max_length=DESCRIPTION_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "What the client said that it is, in words."},
    )
    current = fields.Boolean(
        required=True, metadata={"description": "Whether this is the session that asks."}
    )


class SessionQuerySchema(PageQuerySchema):
    """Which sessions are wanted: all there are, as clients of before expect, unless fewer are."""

    cursor = cursor_of(NEWEST_FIRST)
    per_page = QueryInteger(
        minimum=1,
        maximum=MAX_SESSIONS,
        load_default=MAX_SESSIONS,
        metadata={"description": "How many entries a page has."},
    )


class RevokedSessionsSchema(OutputSchema):
    """How many sessions were ended."""

    example = {"revoked": 2}

    revoked = BoundedInteger(maximum=MAX_ID, required=True)


class MessageSchema(OutputSchema):
    """A sentence for people."""

    example = {"message": "Successfully logged out"}

    message = BoundedString(
        max_length=_MESSAGE_LENGTH, required=True, metadata={"description": "What happened."}
    )
