"""What admins give, on the wire."""

from userapi.administration.records import EmailCorrection, NewUser
from userapi.kit.principal import Role
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH
from userapi.web.fields import Choice, Email, LanguageTag, StrictBoolean, VisibleLine
from userapi.web.input import InputSchema


class NewUserSchema(InputSchema):
    """An account that an admin makes for somebody, who chooses the password."""

    example = {
        "email": "grace@example.com",
        "first_name": "Grace",
        "last_name": "Hopper",
        "role": "moderator",
        "language": "en",
    }

    makes = NewUser

    email = Email(
        required=True,
        max_length=EMAIL_LENGTH,
        metadata={"description": "Where the link is mailed to; unique among all living accounts."},
    )
    first_name = VisibleLine(required=True, min_length=1, max_length=NAME_LENGTH)
    last_name = VisibleLine(required=True, min_length=1, max_length=NAME_LENGTH)
    role = Choice(Role, required=True)
    language = LanguageTag(max_length=LANGUAGE_LENGTH, allow_none=True)


class EmailCorrectionSchema(InputSchema):
    """The address that a user is to have."""

    example = {"email": "augusta@example.org", "verified": False}

    makes = EmailCorrection

    email = Email(
        required=True,
        max_length=EMAIL_LENGTH,
        metadata={"description": "Unique among all living accounts."},
    )
    verified = StrictBoolean(
        metadata={
            "description": "Whether it counts as proven. Otherwise a link is mailed that proves it."
        }
    )
