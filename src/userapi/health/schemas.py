"""Health on the wire."""

from marshmallow import fields

from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import MAX_ID, BoundedInteger, BoundedList

_MAX_CHECKS = 100


class HealthSchema(OutputSchema):
    """That all is well."""

    example = {"status": "ok"}

    status = OpenString(known=["ok"], required=True)


class CheckSchema(OutputSchema):
    """Something that the service needs."""

    example = {"name": "database", "status": "ok", "milliseconds": 0.7, "waiting": None}

    name = OpenString(
        known=["database", "mail", "migrations", "rate_limits", "signing_keys"], required=True
    )
    status = OpenString(known=["ok", "failed"], required=True)
    milliseconds = fields.Float(
        required=True, metadata={"description": "How long it took to look."}
    )
    waiting = BoundedInteger(
        minimum=0,
        maximum=MAX_ID,
        required=True,
        allow_none=True,
        metadata={"description": "How much waits there to be done, where something can."},
    )


class ReadinessSchema(HealthSchema):
    """That all is well, and what was looked at."""

    example = {"status": "ok", "checks": [CheckSchema.example]}

    checks = BoundedList(fields.Nested(CheckSchema), max_items=_MAX_CHECKS, required=True)
