"""Logging in on the wire."""

from userapi.kit.passwords import PASSWORD_MAX_LENGTH
from userapi.users.models import EMAIL_LENGTH
from userapi.web.fields import Email, Text
from userapi.web.schemas import InputSchema


class LoginSchema(InputSchema):
    """Who logs in."""

    email = Email(required=True, max_length=EMAIL_LENGTH)
    password = Text(
        required=True,
        min_length=1,
        max_length=PASSWORD_MAX_LENGTH,
        metadata={"format": "password"},
    )
