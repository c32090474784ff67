"""Problem documents on the wire."""

from marshmallow import fields

from userapi.web.input import MAX_DETAIL_LENGTH, MAX_REPORTED_ERRORS
from userapi.web.known_values import OpenString
from userapi.web.output_fields import VISIBLE, BoundedInteger, BoundedList, BoundedString
from userapi.web.schemas import OutputSchema

# The codes of single mistakes in what comes in; a feature may add to them.
_KNOWN_MISTAKES = (
    *("blank", "characters", "choice", "cursor", "date-time", "email", "entity-tags"),
    *("idempotency-key", "invalid", "length", "null", "partial", "range", "repeated", "required"),
    *("type", "unknown"),
)
_NAME_LENGTH = 200
# Names and paths are cut before they are told, but each character may be written as several.
_PATH_LENGTH = 5_000


class ProblemFieldErrorSchema(OutputSchema):
    """One thing that is wrong with the input."""

    code = OpenString(
        known=_KNOWN_MISTAKES,
        required=True,
        metadata={"description": "What kind of mistake it is."},
    )
    detail = BoundedString(
        max_length=MAX_DETAIL_LENGTH,
        required=True,
        metadata={"description": "The mistake, for people."},
    )
    pointer = BoundedString(
        max_length=_PATH_LENGTH,
        metadata={"description": "A JSON pointer to the field in the body."},
    )
    parameter = BoundedString(
        max_length=_NAME_LENGTH,
        metadata={"description": "The query parameter's or the header's name."},
    )


class ProblemSchema(OutputSchema):
    """An error, as RFC 9457 has it."""

    type = BoundedString(
        max_length=_PATH_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"format": "uri-reference", "description": "Where this code is explained."},
    )
    title = BoundedString(
        max_length=_NAME_LENGTH, required=True, metadata={"description": "The code, in words."}
    )
    status = BoundedInteger(
        minimum=400, maximum=599, required=True, metadata={"description": "The HTTP status."}
    )
    detail = BoundedString(
        max_length=MAX_DETAIL_LENGTH,
        required=True,
        metadata={"description": "What to do about it."},
    )
    instance = BoundedString(
        max_length=_PATH_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={
            "format": "uri-reference",
            "description": "The path that was asked for; `/` when it could not be read.",
        },
    )
    code = BoundedString(
        max_length=_NAME_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "Stable, for programs."},
    )
    request_id = BoundedString(
        max_length=_NAME_LENGTH,
        pattern=VISIBLE,
        required=True,
        metadata={"description": "Names this request in the service's log."},
    )
    errors = BoundedList(
        fields.Nested(ProblemFieldErrorSchema),
        max_items=MAX_REPORTED_ERRORS,
        metadata={"description": "Present when the input is invalid: each mistake."},
    )
