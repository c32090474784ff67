"""Tokens on the wire."""

from marshmallow import fields

from userapi.web.schemas import OutputSchema

ACCESS_TOKEN_EXAMPLE = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl",
    "token_type": "bearer",
    "expires_in": 3600,
}
TOKEN_PAIR_EXAMPLE = {
    **ACCESS_TOKEN_EXAMPLE,
    "refresh_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2lnbmF0dXJl",
}


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
