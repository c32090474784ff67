"""The figures on the wire."""

from marshmallow import fields

from userapi.kit.principal import Role
from userapi.stats.records import DEFAULT_DAYS, MAX_DAYS, StatsQuery
from userapi.web.fields import Timestamp
from userapi.web.input import QuerySchema
from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import MAX_ID, BoundedInteger, BoundedList
from userapi.web.query_fields import QueryInteger

_MAX_ROLES = 100
_DATE = {"maxLength": len("2026-01-31"), "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class StatsQuerySchema(QuerySchema):
    """Which days are wanted."""

    makes = StatsQuery

    days = QueryInteger(
        minimum=1,
        maximum=MAX_DAYS,
        load_default=DEFAULT_DAYS,
        metadata={"description": "How many days are answered, the present one included."},
    )


def _count(description: str) -> BoundedInteger:
    return BoundedInteger(maximum=MAX_ID, required=True, metadata={"description": description})


class StatsRoleSchema(OutputSchema):
    """How many living users have a role."""

    example = {"role": "admin", "count": 3}

    role = OpenString(known=Role, required=True)
    count = _count("How many living users have it.")


class StatsUsersSchema(OutputSchema):
    """How many users there are."""

    example = {
        "living": 1200,
        "active": 1180,
        "deactivated": 20,
        "verified": 1000,
        "unverified": 200,
        "by_role": [
            {"role": "user", "count": 1190},
            {"role": "moderator", "count": 7},
            StatsRoleSchema.example,
        ],
        "closed": 15,
        "erased": 40,
    }

    living = _count("Users that are not deleted.")
    active = _count("Living users who can log in.")
    deactivated = _count("Living users who cannot.")
    verified = _count("Living users who have proven their address.")
    unverified = _count("Living users who have not.")
    by_role = BoundedList(
        fields.Nested(StatsRoleSchema),
        max_items=_MAX_ROLES,
        required=True,
        metadata={"description": "Living users by what they are trusted with."},
    )
    closed = _count("Deleted users whose person is still known.")
    erased = _count("Deleted users of whom nothing is left but the id.")


class StatsSessionsSchema(OutputSchema):
    """How many login sessions there are."""

    example = {"alive": 900}

    alive = _count("Sessions that are neither revoked nor expired.")


class StatsDaySchema(OutputSchema):
    """What happened on a day."""

    example = {"day": "2026-01-31", "sign_ups": 12, "sign_ins": 340}

    day = fields.Date(required=True, metadata={**_DATE, "description": "A day in UTC."})
    sign_ups = _count("Accounts that were made, by whomever; imported ones are not counted.")
    sign_ins = _count("Successful logins.")


class StatsSchema(OutputSchema):
    """How many users and sessions there are, and what happens on a day."""

    example = {
        "as_of": "2026-01-31T09:30:00.123456Z",
        "users": StatsUsersSchema.example,
        "sessions": StatsSessionsSchema.example,
        "days": [StatsDaySchema.example],
    }

    as_of = Timestamp(required=True, metadata={"description": "When it was counted."})
    users = fields.Nested(StatsUsersSchema, required=True)
    sessions = fields.Nested(StatsSessionsSchema, required=True)
    days = BoundedList(
        fields.Nested(StatsDaySchema),
        max_items=MAX_DAYS,
        required=True,
        metadata={"description": "The earliest first; the last is the day of `as_of`, so far."},
    )
