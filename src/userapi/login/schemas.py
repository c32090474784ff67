"""Logging in on the wire."""

from userapi.kit.passwords import TYPED_PASSWORD_MAX_LENGTH
from userapi.sessions.schemas import TokenPairSchema
from userapi.users.models import EMAIL_LENGTH
from userapi.web.fields import KnownEmail, SingleLineString, StrictString
from userapi.web.input import InputSchema
from userapi.web.output_fields import VISIBLE, BoundedString

_DEVICE_TOKEN_MAX_LENGTH = 100


class LoginSchema(InputSchema):
    """Who logs in."""

    # One of those that `userapi seed-db` makes: whoever tries it out gets in.
    example = {"email": "user1@example.com", "password": "password123"}

    email = KnownEmail(required=True, max_length=EMAIL_LENGTH)
    password = StrictString(
        required=True,
        min_length=1,
        max_length=TYPED_PASSWORD_MAX_LENGTH,
        metadata={"format": "password"},
    )
    device_token = SingleLineString(
        max_length=_DEVICE_TOKEN_MAX_LENGTH,
        metadata={
            "format": "password",
            "description": (
                "What the last login from this device gave; one that is unknown or has expired "
                "does no harm."
            ),
        },
    )


class LoginResultSchema(TokenPairSchema):
    """What a login gives."""

    example = {
        **TokenPairSchema.example,
        "device_token": "uad_Vv2Yx0mTq8dRkS5nWbJ1hLzC7uPfEoGa3iXt6y9ZrNw",
    }

    device_token = BoundedString(
        max_length=_DEVICE_TOKEN_MAX_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={
            "description": "Keep it on the device, and send it with the next login from there."
        },
    )
