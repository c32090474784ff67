"""Problem documents on the wire."""

from marshmallow import fields

from userapi.web.input import MAX_DETAIL_LENGTH, MAX_REPORTED_ERRORS
from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema
from userapi.web.output_fields import VISIBLE, BoundedInteger, BoundedList, BoundedString

KNOWN_MISTAKES = {
    "blank": "The text has no character that can be seen.",
    "characters": "The text has characters that cannot be stored here, or that it may not have.",
    "choice": "The value is none of those that there are; the detail lists them.",
    "cursor": "The cursor is none that a page gave; begin again without one.",
    "date-time": "The time is none as RFC 3339 has it, with its offset: `2026-11-28T09:30:00Z`.",
    "email": "The text is no e-mail address.",
    "empty": "The object has no field, and needs one.",
    "entity-tags": 'The header is neither `*` nor a list of entity tags such as `"7-3"`.',
    "idempotency-key": "The key is too long, or has characters other than visible ASCII.",
    "invalid": "The value is wrong in a way that has no code of its own; the detail tells.",
    "language": "The text is no language tag, such as `de` or `pt-BR`.",
    "length": "The text or the list is too long or too short.",
    "null": "The field may be left out, but it may not be null.",
    "one-of": "The object has none of the fields of which it takes one, or several.",
    "partial": "The body is a part of the object (`Content-Range`), and all of it is needed.",
    "range": "The number is too large or too small.",
    "repeated": "The parameter was sent more than once.",
    "required": "The field or the parameter is missing.",
    "type": "The value is of another JSON type than the field.",
    "too-deep": "So many rows come before the page that it has to be read with `cursor`.",
    "unknown": "There is no such field or parameter.",
}
"""The codes of single mistakes in what comes in, explained; a feature may have others."""
_NAME_LENGTH = 200
# Names and paths are cut before they are told, but each character may be written as several.
_PATH_LENGTH = 5_000


class ProblemFieldErrorSchema(OutputSchema):
    """One thing that is wrong with the input."""

    code = OpenString(
        known=KNOWN_MISTAKES,
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
