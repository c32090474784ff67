"""Invitations on the wire."""

from marshmallow import fields

from userapi.invitations.records import (
    DEFAULT_DAYS,
    MAX_DAYS,
    NEWEST_FIRST,
    InvitationDraft,
    InvitationState,
)
from userapi.kit.pagination import KeysetRequest
from userapi.kit.principal import Role
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH
from userapi.web.fields import Choice, Email, LanguageTag, Timestamp
from userapi.web.input import InputSchema
from userapi.web.known_values import OpenString
from userapi.web.number_fields import StrictInteger
from userapi.web.operation import Link
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedString, Identifier, UuidIdentifier
from userapi.web.query_fields import cursor_of
from userapi.web.schemas import KeysetQuerySchema

INVITATION_LINKS = (
    Link("get_invitation", {"invitation_id": "$response.body#/id"}),
    Link("revoke_invitation", {"invitation_id": "$response.body#/id"}),
)
"""What can be done next with an invitation that was answered."""


class InvitationCreateSchema(InputSchema):
    """Whom an admin invites, as what, and for how long."""

    example = {"email": "mary@example.com", "role": "user", "language": "en", "expires_in_days": 7}

    makes = InvitationDraft

    email = Email(
        required=True,
        max_length=EMAIL_LENGTH,
        metadata={"description": "Where the link is mailed to; no account may have the address."},
    )
    role = Choice(Role, required=True)
    language = LanguageTag(max_length=LANGUAGE_LENGTH, allow_none=True)
    expires_in_days = StrictInteger(
        minimum=1,
        maximum=MAX_DAYS,
        metadata={"description": f"{DEFAULT_DAYS} when it is left out."},
    )


class InvitationSchema(OutputSchema):
    """An invitation to have an account."""

    plural = "invitations"

    example = {
        "id": "0b5e8a3c-2f1d-4c56-9e0a-7d1f3b2c4e5f",
        "email": "mary@example.com",
        "role": "user",
        "language": "en",
        "state": "open",
        "invited_by": 1,
        "created_at": "2026-01-31T09:30:00.123456Z",
        "expires_at": "2026-02-07T09:30:00.123456Z",
        "accepted_at": None,
        "accepted_by": None,
        "revoked_at": None,
    }

    id = UuidIdentifier(required=True)
    email = fields.Email(
        required=True, metadata={"maxLength": EMAIL_LENGTH, "description": "In lower case."}
    )
    role = OpenString(
        known=Role,
        required=True,
        metadata={"description": "What the new user will be trusted with."},
    )
    language = BoundedString(
        max_length=LANGUAGE_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "The language of the mail, and of those to the new user."},
    )
    state = OpenString(
        known=InvitationState,
        required=True,
        metadata={
            "description": "What became of it. One that was replaced by another is `revoked`."
        },
    )
    invited_by = Identifier(required=True, metadata={"description": "The admin's id."})
    created_at = Timestamp(required=True)
    expires_at = Timestamp(
        required=True, metadata={"description": "Until when it can be accepted."}
    )
    accepted_at = Timestamp(required=True, allow_none=True)
    accepted_by = Identifier(
        required=True, allow_none=True, metadata={"description": "The new user's id."}
    )
    revoked_at = Timestamp(required=True, allow_none=True)


class InvitationQuerySchema(KeysetQuerySchema):
    """Which part of the list is wanted."""

    makes = KeysetRequest

    cursor = cursor_of(NEWEST_FIRST)
