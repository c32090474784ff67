"""Strict fields of query strings, in which everything comes as text."""

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import fields

from userapi.kit.cursor import AnySort
from userapi.web.fields import COMMON_MESSAGES, CodedMessage, StrictBoolean, integer_format
from userapi.web.number_fields import range_validator


class QueryBoolean(fields.Boolean):
    """`true` or `false` in a query string."""

    default_error_messages = StrictBoolean.default_error_messages

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class QueryInteger(fields.Integer):
    """A whole number in a query string: ASCII digits, no sign but a minus, in range."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be a whole number."),
    }
    # Far more digits than any range has, and fewer than Python refuses to read.
    _digits = re.compile(r"-?[0-9]{1,4000}")

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        metadata = {"format": integer_format(minimum, maximum), **kwargs.pop("metadata", {})}
        super().__init__(validate=range_validator(minimum, maximum), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not self._digits.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class QueryDateTime(fields.AwareDateTime):
    """A point in time in a query string, as RFC 3339 has it; loaded in UTC."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage(
            "date-time",
            "This must be a date and time such as 2026-01-31T09:30:00Z; + is %2B in a URL.",
        ),
    }
    _form = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
        r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
    )
    _max_length = 64

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"maxLength": self._max_length, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > self._max_length:
            raise self.make_error("invalid")
        if not self._form.fullmatch(value):
            raise self.make_error("invalid")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise self.make_error("invalid") from error


class CursorText(fields.String):
    """Where a list of that sort goes on: a text to clients, a `Cursor` to us.

    Where there are several sorts it is read when it is known which one is meant.
    """

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("cursor", "This must be the `next` or `prev` of an answer."),
    }

    def __init__(self, sort: AnySort, *, pattern: str = "", **kwargs: Any) -> None:
        facts = {"pattern": pattern or sort.pattern, "maxLength": sort.max_length}
        metadata = facts | kwargs.pop("metadata", {})
        super().__init__(metadata=metadata, **kwargs)
        self._sort = sort

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self._sort.parse(value)
        except (TypeError, ValueError) as error:
            raise self.make_error("invalid") from error


def cursor_of(sort: AnySort) -> CursorText:
    """Return the parameter that tells where a list of that sort goes on."""
    description = (
        "Where to go on: the `next` or `prev` of an answer to the same filters. Without it the "
        "list begins with its first entries."
    )
    return CursorText(sort, metadata={"description": description})
