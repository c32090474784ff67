"""Words of which some are known: open in answers, closed in what comes in."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from marshmallow import fields

from userapi.web.fields import COMMON_MESSAGES, CodedMessage
from userapi.web.output_fields import VISIBLE, BoundedString

Values = Callable[[], Sequence[str]]
"""A function that returns the values there are, once every feature is imported."""


_WORD_LENGTH = 100


class OpenString(BoundedString):
    """A word in an answer: some values are known, and others may come.

    `known` may be a function, for words that every feature adds to; it is called when the document
    is made.
    """

    def __init__(self, *, known: Iterable[str] | Values, **kwargs: Any) -> None:
        super().__init__(max_length=_WORD_LENGTH, pattern=VISIBLE, **kwargs)
        self._known = known

    def in_document(self) -> dict[str, Any]:
        """Return what the document tells of the values."""
        known = self._known if isinstance(self._known, Iterable) else self._known()
        return with_known_values(self.metadata.get("description", ""), known)


class KnownString(fields.String):
    """A word that comes in, of those that the features know; loaded as it is."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be a string."),
        "unknown": CodedMessage("choice", "This must be one of: {choices}."),
    }

    def __init__(self, known: Values, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._known = known

    def in_document(self) -> dict[str, Any]:
        """Return what the document tells of the values."""
        return {"enum": list(self._known())}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value not in (known := self._known()):
            raise self.make_error("unknown", choices=", ".join(known))
        return value


def with_known_values(description: str, known: Iterable[str]) -> dict[str, Any]:
    """Return how the document tells the values of a string that may get others."""
    values = [str(value) for value in known]
    listed = ", ".join(f"`{value}`" for value in values)
    sentences = (description, f"Known values: {listed}; others may come.")
    return {"description": " ".join(filter(None, sentences)), "x-known-values": values}
