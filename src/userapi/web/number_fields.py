"""Strict fields of whole numbers in bodies."""

from typing import Any

from marshmallow import fields, validate

from userapi.web.fields import COMMON_MESSAGES, CodedMessage, integer_format


class StrictInteger(fields.Integer):
    """A JSON number that is whole, and in range."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be a whole number."),
    }

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        metadata = {"format": integer_format(minimum, maximum), **kwargs.pop("metadata", {})}
        super().__init__(validate=range_validator(minimum, maximum), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not is_whole:
            raise self.make_error("invalid")
        return int(value)


def range_validator(minimum: int, maximum: int) -> validate.Range:
    """Return what refuses numbers outside of that range."""
    return validate.Range(
        min=minimum, max=maximum, error=CodedMessage("range", "This must be from {min} to {max}.")
    )
