"""Strict fields: what they refuse is what the document says they refuse.

Every message carries a code (`CodedMessage.code`), so that clients need not read English.
"""

import re
from enum import StrEnum
from typing import Any, Self

from flask import current_app, has_app_context
from marshmallow import ValidationError, fields, validate

from userapi.kit import email_addresses, text
from userapi.kit.clock import TIMESTAMP_PATTERN, timestamp

TIMESTAMP_LENGTH = len("2026-01-31T09:30:00.123456Z")
"""How many characters a point in time has."""

SPECIAL_USE_ADDRESSES = "SPECIAL_USE_ADDRESSES"
"""What in `app.config` says whether addresses are taken at which nobody has mail."""


class CodedMessage(str):
    """A message with a stable code; both survive marshmallow's formatting."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, words: str) -> Self:
        """Make the message `words` with the code `code`."""
        message = super().__new__(cls, words)
        message.code = code
        return message

    def format(self, *args: object, **kwargs: object) -> "CodedMessage":
        """Fill in the placeholders and keep the code."""
        return CodedMessage(self.code, super().format(*args, **kwargs))


Messages = dict[str, str | list[Any] | dict[Any, Any]]

_INT32 = 2**31
_ADDRESS_OF_BEFORE = validate.Email()

COMMON_MESSAGES: Messages = {
    "required": CodedMessage("required", "This field is required."),
    "null": CodedMessage("null", "This field must not be null."),
}


class StrictString(fields.String):
    """Text that every database can store: no NUL characters, no lone surrogates."""

    pattern = r"^[^\u0000]*$"
    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be a string."),
        "characters": CodedMessage(
            "characters", "This must not contain NUL characters or lone surrogates."
        ),
    }

    def __init__(self, *, min_length: int = 0, max_length: int, **kwargs: Any) -> None:
        metadata = {"pattern": self.pattern, **kwargs.pop("metadata", {})}
        super().__init__(
            validate=length_validator(min_length, max_length), metadata=metadata, **kwargs
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not text.is_storable(value):
            raise self.make_error("characters")
        return value


class SingleLineString(StrictString):
    """Text on one line: no control characters and no separators of lines either."""

    pattern = text.LINE_PATTERN
    default_error_messages = {
        "characters": CodedMessage(
            "characters",
            "This must not contain control characters, line breaks or lone surrogates.",
        ),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        if not text.is_line(line):
            raise self.make_error("characters")
        return line


class VisibleString(StrictString):
    """Text that people see: at least one of its characters shows."""

    pattern = text.VISIBLE_PATTERN
    default_error_messages = {"blank": CodedMessage("blank", "This must have a visible character.")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        shown = super()._deserialize(value, attr, data, **kwargs)
        if shown and not text.is_visible(shown):
            raise self.make_error("blank")
        return shown


class VisibleLine(VisibleString, SingleLineString):
    """A name or a title: a line that people see, and that turns no text beside it around."""

    pattern = text.VISIBLE_LINE_PATTERN
    default_error_messages = {
        "direction": CodedMessage("characters", "This must not change the direction of text."),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        if text.turns_direction(line):
            raise self.make_error("direction")
        return line


class LanguageTag(StrictString):
    """A language, as a BCP 47 tag such as `de` or `pt-BR`; whether there is one is not asked."""

    pattern = r"^[A-Za-z]{2,3}(-[0-9A-Za-z]{2,8})*$"
    default_error_messages = {
        "language": CodedMessage("language", "This must be a language tag, such as de or pt-BR."),
    }
    _tag = re.compile(pattern)

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"description": "The language of mails to the user: a BCP 47 tag."}
        super().__init__(min_length=2, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        tag = super()._deserialize(value, attr, data, **kwargs)
        if self._tag.fullmatch(tag) is None:
            raise self.make_error("language")
        return tag


class Email(fields.String):
    """An address that somebody is to have mail at; loaded in its canonical form."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("email", "This must be an e-mail address."),
    }

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        metadata = {"format": "email", **kwargs.pop("metadata", {})}
        super().__init__(validate=length_validator(0, max_length), metadata=metadata, **kwargs)
        self._max_length = max_length

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if len(value) > self._max_length:
            return value  # the length is refused, and nothing else is looked at
        address = self._understood(value)
        if address is None:
            raise self.make_error("invalid")
        return address

    def _understood(self, value: str) -> str | None:
        special_use = has_app_context() and bool(current_app.config.get(SPECIAL_USE_ADDRESSES))
        return email_addresses.parse_email(value, special_use=special_use)


class KnownEmail(Email):
    """An address that an account may have, one that an earlier version took, too.

    It is loaded as it was typed: only the accounts tell which form of it one of them has.
    """

    def _understood(self, value: str) -> str | None:
        is_address = email_addresses.parse_email(value, special_use=True) is not None
        return value if is_address or _was_taken(value) else None


class Choice(fields.Enum[StrEnum]):
    """One of the values of an enumeration; loaded as its member."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be a string."),
        "unknown": CodedMessage("choice", "This must be one of: {choices}."),
    }

    def __init__(self, choices: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(choices, by_value=fields.String, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> StrEnum:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class StrictBoolean(fields.Boolean):
    """A JSON boolean, and nothing that looks like one."""

    default_error_messages = COMMON_MESSAGES | {
        "invalid": CodedMessage("type", "This must be true or false."),
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Timestamp(fields.AwareDateTime):
    """A point in time in an answer: always written alike, so that texts sort as times do."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = {"maxLength": TIMESTAMP_LENGTH, "pattern": TIMESTAMP_PATTERN}
        super().__init__(metadata=bounds | kwargs.pop("metadata", {}), **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else timestamp(value)


def integer_format(minimum: int, maximum: int) -> str:
    """Return the format of whole numbers in that range, by which others choose a type."""
    return "int32" if minimum >= -_INT32 and maximum < _INT32 else "int64"


def _was_taken(value: str) -> bool:
    """Say whether version 0.2.0 took that for an address."""
    if not (value.isascii() and value.isprintable()):
        return False
    try:
        _ADDRESS_OF_BEFORE(value)
    except ValidationError:
        return False
    return True


def length_validator(minimum: int, maximum: int) -> validate.Length:
    """Return what refuses texts with fewer or more code points."""
    limits = "{min} to {max}" if minimum else "at most {max}"
    error = CodedMessage("length", f"This must have {limits} characters.")
    return validate.Length(min=minimum or None, max=maximum, error=error)
