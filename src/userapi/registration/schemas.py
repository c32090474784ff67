"""Accounts on the wire."""

from dataclasses import asdict

from marshmallow import fields

from userapi.one_time_tokens.schemas import OneTimeTokenField
from userapi.passwords.schemas import CurrentPassword, NewPassword
from userapi.registration.records import (
    EmailChange,
    MailPromised,
    Registration,
    RegistrationPending,
)
from userapi.sessions.schemas import MessageSchema
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH
from userapi.web.fields import Email, KnownEmail, LanguageTag, VisibleLine
from userapi.web.input import InputSchema
from userapi.web.output import OutputSchema


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
    invitation_token = OneTimeTokenField(required=False)


class RegistrationPendingSchema(MessageSchema):
    """A registration that makes no account yet."""

    example = asdict(RegistrationPending())


class AddressSchema(InputSchema):
    """Whose link is asked for once more."""

    example = {"email": "ada@example.com"}

    email = KnownEmail(required=True, max_length=EMAIL_LENGTH)


class AddressMailSchema(MessageSchema):
    """That a mail may be on its way."""

    example = asdict(MailPromised())


class EmailTokenSchema(InputSchema):
    """What somebody gives who has followed the link of a mail."""

    example = {"token": "uao_Vv2Yx0mTq8dRkS5nWbJ1hLzC7uPfEoGa3iXt6y9ZrNw"}

    token = OneTimeTokenField()


class EmailChangeSchema(InputSchema):
    """What a caller gives to have another address."""

    example = {"password": "password123", "new_email": "augusta@example.com"}

    makes = EmailChange

    password = CurrentPassword()
    new_email = Email(
        required=True,
        max_length=EMAIL_LENGTH,
        metadata={"description": "It counts when the link is followed that is mailed to it."},
    )


class ProvenAddressSchema(OutputSchema):
    """The address that an account has, and that was proven."""

    example = {"email": "ada@example.com", "email_verified": True}

    email = fields.Email(
        required=True, metadata={"maxLength": EMAIL_LENGTH, "description": "In lower case."}
    )
    email_verified = fields.Boolean(required=True, metadata={"description": "Always true."})
