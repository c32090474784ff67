"""Logging in and out on the wire."""

from marshmallow import fields

from userapi.kit.passwords import PASSWORD_MAX_LENGTH
from userapi.users.models import EMAIL_LENGTH
from userapi.web.fields import Email, Text
from userapi.web.schemas import InputSchema, OutputSchema


class LoginSchema(InputSchema):
    """Who logs in."""

    email = Email(required=True, max_length=EMAIL_LENGTH)
    password = Text(
        required=True,
        min_length=1,
        max_length=PASSWORD_MAX_LENGTH,
        metadata={"format": "password"},
    )


class AccessTokenSchema(OutputSchema):
    """A new access token."""

    access_token = fields.String(
        required=True, metadata={"description": "Send it as `Authorization: Bearer <token>`."}
    )
    token_type = fields.String(required=True, metadata={"const": "bearer"})
    expires_in = fields.Integer(
        required=True, metadata={"description": "The access token's lifetime in seconds."}
    )


class TokenPairSchema(AccessTokenSchema):
    """What a login gives."""

    refresh_token = fields.String(
        required=True, metadata={"description": "Only for `POST /api/v1/auth/refresh`."}
    )
