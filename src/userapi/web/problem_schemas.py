"""Problem documents on the wire."""

from marshmallow import fields

from userapi.web.known_values import OpenString
from userapi.web.schemas import OutputSchema

# The codes of single mistakes in what comes in; a feature may add to them.
_KNOWN_MISTAKES = (
    *("blank", "characters", "choice", "cursor", "date-time", "email", "entity-tags"),
    *("idempotency-key", "invalid", "length", "null", "partial", "range", "repeated", "required"),
    *("type", "unknown"),
)


class ProblemFieldErrorSchema(OutputSchema):
    """One thing that is wrong with the input."""

    code = OpenString(
        known=_KNOWN_MISTAKES,
        required=True,
        metadata={"description": "What kind of mistake it is."},
    )
    detail = fields.String(required=True, metadata={"description": "The mistake, for people."})
    pointer = fields.String(metadata={"description": "A JSON pointer to the field in the body."})
    parameter = fields.String(
        metadata={"description": "The query parameter's or the header's name."}
    )


class ProblemSchema(OutputSchema):
    """An error, as RFC 9457 has it."""

    type = fields.String(
        required=True,
        metadata={"format": "uri-reference", "description": "Where this code is explained."},
    )
    title = fields.String(required=True, metadata={"description": "The code, in words."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = fields.String(required=True, metadata={"description": "What to do about it."})
    instance = fields.String(
        required=True,
        metadata={
            "format": "uri-reference",
            "description": "The path that was asked for; `/` when it could not be read.",
        },
    )
    code = fields.String(required=True, metadata={"description": "Stable, for programs."})
    request_id = fields.String(
        required=True, metadata={"description": "Names this request in the service's log."}
    )
    errors = fields.List(
        fields.Nested(ProblemFieldErrorSchema),
        metadata={"description": "Present when the input is invalid: each mistake."},
    )
