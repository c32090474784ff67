"""Accounts on the wire."""

from userapi.passwords.schemas import NewPassword
from userapi.registration.service import Registration
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH
from userapi.web.fields import Email, LanguageTag, VisibleLine
from userapi.web.input import InputSchema


class UserCreateSchema(InputSchema):
    """What a person gives to get an account."""

    example = {
        "email": "ada@example.com",
        "password": "correct horse battery",
        "first_name": "Ada",
        "last_name": "Lovelace",
    }

    makes = Registration

    email = Email(
        required=True,
        max_length=EMAIL_LENGTH,
        metadata={
            "description": (
                "Kept in its canonical form: lower case, an international domain as its A-label, "
                "quotes only where they are needed. Unique among all living accounts."
            )
        },
    )
    password = NewPassword(required=True)
    first_name = VisibleLine(required=True, min_length=1, max_length=NAME_LENGTH)
    last_name = VisibleLine(required=True, min_length=1, max_length=NAME_LENGTH)
    language = LanguageTag(max_length=LANGUAGE_LENGTH, allow_none=True)
