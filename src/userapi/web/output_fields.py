"""Fields of answers, with the bounds that the document promises.

They check nothing: whatever fills a field keeps its bound, by the rule under which it came in or
by the column that it comes from. A bound may be wider than that, and never narrower.
"""

from typing import Any

from marshmallow import fields

from userapi.web.fields import StrictString, integer_format

MAX_ID = 2**63 - 1
"""The highest id: that of a 64-bit column."""

MAX_INT32 = 2**31 - 1
"""The highest number of 32 bits, for what is far below it."""

VISIBLE = "^[!-~]*$"
"""A pattern: visible ASCII characters, without spaces."""

UUID_LENGTH = 36
"""How many characters a UUID has."""


class BoundedString(fields.String):
    """Text in an answer, of at most `max_length` characters."""

    def __init__(
        self, *, max_length: int, pattern: str = StrictString.pattern, **kwargs: Any
    ) -> None:
        bounds = {"maxLength": max_length, "pattern": pattern}
        super().__init__(metadata=bounds | kwargs.pop("metadata", {}), **kwargs)


class BoundedInteger(fields.Integer):
    """A whole number in an answer, in that range."""

    def __init__(self, *, minimum: int = 0, maximum: int, **kwargs: Any) -> None:
        bounds = {
            "format": integer_format(minimum, maximum),
            "minimum": minimum,
            "maximum": maximum,
        }
        super().__init__(metadata=bounds | kwargs.pop("metadata", {}), **kwargs)


class Identifier(BoundedInteger):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=1, maximum=MAX_ID, **kwargs)


class UuidIdentifier(fields.UUID):
    """An id that cannot be guessed."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"maxLength": UUID_LENGTH}
        super().__init__(metadata=bounds | kwargs.pop("metadata", {}), **kwargs)


class BoundedList(fields.List[Any]):
    """A list in an answer, of at most `max_items` items."""

    def __init__(self, items: fields.Field[Any], *, max_items: int, **kwargs: Any) -> None:
        bounds = {"maxItems": max_items}
        super().__init__(items, metadata=bounds | kwargs.pop("metadata", {}), **kwargs)
