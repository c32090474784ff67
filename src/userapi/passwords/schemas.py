"""Passwords on the wire."""

from typing import Any

from userapi.kit.passwords import PASSWORD_MAX_LENGTH, TYPED_PASSWORD_MAX_LENGTH
from userapi.one_time_tokens.schemas import OneTimeTokenField
from userapi.passwords.records import PasswordChange, PasswordReset
from userapi.sessions.schemas import MessageSchema
from userapi.users.models import EMAIL_LENGTH
from userapi.web.configured_fields import ConfiguredString
from userapi.web.fields import KnownEmail, StrictString
from userapi.web.input import InputSchema

MIN_LENGTH_KEY = "PASSWORD_MIN_LENGTH"
"""Under which name the application's configuration has the least length."""


class NewPassword(ConfiguredString):
    """A password that somebody chooses; whether it is easy to guess, the service tells."""

    def __init__(self, **kwargs: Any) -> None:
        described = {
            "format": "password",
            "description": (
                "Any characters, none cut off; it matches however they are composed (NFC). Refused "
                "are the most common passwords, repetitions, blanks, and what is made of the "
                "address, the name or the product's name."
            ),
        }
        super().__init__(
            min_length_key=MIN_LENGTH_KEY,
            max_length=PASSWORD_MAX_LENGTH,
            metadata=described,
            **kwargs,
        )


class CurrentPassword(StrictString):
    """The password that a signed-in caller proves."""

    def __init__(self) -> None:
        super().__init__(
            required=True,
            min_length=1,
            max_length=TYPED_PASSWORD_MAX_LENGTH,
            metadata={"format": "password", "description": "The password that holds now."},
        )


class PasswordChangeSchema(InputSchema):
    """What a caller gives to change the password."""

    example = {
        "current_password": "enigma bombe",
        "new_password": "correct horse battery",
    }

    makes = PasswordChange

    current_password = CurrentPassword()
    new_password = NewPassword(required=True)


class PasswordForgottenSchema(InputSchema):
    """Who has forgotten the password."""

    example = {"email": "ada@example.com"}

    email = KnownEmail(required=True, max_length=EMAIL_LENGTH)


class PasswordResetSchema(InputSchema):
    """What somebody gives who has followed the link of a mail."""

    example = {
        "token": "uao_Vv2Yx0mTq8dRkS5nWbJ1hLzC7uPfEoGa3iXt6y9ZrNw",
        "new_password": "correct horse battery",
    }

    makes = PasswordReset

    token = OneTimeTokenField()
    new_password = NewPassword(required=True)


class PasswordMailSchema(MessageSchema):
    """That a mail may be on its way."""

    example = {"message": "If an account has this address, a link is on its way to it."}
