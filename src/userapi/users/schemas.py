"""Users on the wire."""

from marshmallow import fields

from userapi.kit.principal import Role
from userapi.users.models import EMAIL_LENGTH, LANGUAGE_LENGTH, NAME_LENGTH
from userapi.users.service import RoleChange, UserChanges
from userapi.web.fields import Choice, LanguageTag, StrictBoolean, Timestamp, VisibleLine
from userapi.web.input import InputSchema
from userapi.web.known_values import OpenString
from userapi.web.operation import Link
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedString, Identifier

_USER_ID = {"user_id": "$response.body#/id"}
_SAME_VERSION = {"If-Match": "$response.header.ETag"}
USER_LINKS = (
    Link("get_user", _USER_ID),
    Link("update_user", _USER_ID | _SAME_VERSION),
    Link("set_user_role", _USER_ID | _SAME_VERSION),
    Link("set_user_email", _USER_ID | _SAME_VERSION),
    Link("delete_user", _USER_ID | _SAME_VERSION),
    Link("list_user_posts", _USER_ID),
    Link("list_user_sessions", _USER_ID),
    Link("list_user_devices", _USER_ID),
    Link("unlock_user", _USER_ID),
    Link("reset_user_password", _USER_ID),
)
"""What can be done next with a user that was answered."""


class UserSchema(OutputSchema):
    """A user, as every logged-in user may see it."""

    plural = "users"

    example = {
        "id": 7,
        "email": "ada@example.com",
        "email_verified": True,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "full_name": "Ada Lovelace",
        "is_active": True,
        "role": "user",
        "is_admin": False,
        "language": "en",
        "created_at": "2026-01-31T09:30:00.123456Z",
        "updated_at": "2026-01-31T09:30:00.123456Z",
        "deleted_at": None,
    }

    id = Identifier(required=True, metadata={"description": "Never used twice."})
    email = fields.Email(
        required=True, metadata={"maxLength": EMAIL_LENGTH, "description": "In its canonical form."}
    )
    email_verified = fields.Boolean(
        required=True,
        metadata={"description": "Whether the user has proven to receive mail there."},
    )
    first_name = BoundedString(max_length=NAME_LENGTH, required=True)
    last_name = BoundedString(max_length=NAME_LENGTH, required=True)
    full_name = BoundedString(
        max_length=2 * NAME_LENGTH + 1,
        required=True,
        metadata={"description": "The first and the last name."},
    )
    is_active = fields.Boolean(
        required=True, metadata={"description": "Whether the user can log in."}
    )
    role = OpenString(
        known=Role,
        required=True,
        metadata={"description": "What the user is trusted with, from the least to the most."},
    )
    is_admin = fields.Boolean(
        required=True, metadata={"description": "Whether the role is `admin`."}
    )
    language = BoundedString(
        max_length=LANGUAGE_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "The language of the mails, as a BCP 47 tag."},
    )
    created_at = Timestamp(required=True)
    updated_at = Timestamp(required=True)
    deleted_at = Timestamp(
        required=True,
        allow_none=True,
        metadata={"description": "When the account was closed; null while it is not."},
    )


class UserUpdateSchema(InputSchema):
    """What is to change of a user; a field left out stays as it is."""

    example = {"first_name": "Augusta"}

    makes = UserChanges

    first_name = VisibleLine(min_length=1, max_length=NAME_LENGTH)
    last_name = VisibleLine(min_length=1, max_length=NAME_LENGTH)
    language = LanguageTag(max_length=LANGUAGE_LENGTH, allow_none=True)
    is_active = StrictBoolean(metadata={"description": "For admins only."})


class RoleChangeSchema(InputSchema):
    """Which role a user is to have."""

    example = {"role": "moderator"}

    makes = RoleChange

    role = Choice(Role, required=True)
