"""What each field takes, and by which code it refuses the rest."""

from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from userapi.kit.principal import Role
from userapi.web.fields import (
    Choice,
    CodedMessage,
    Email,
    KnownEmail,
    SingleLineString,
    StrictBoolean,
    StrictString,
)
from userapi.web.query_fields import QueryBoolean, QueryInteger

TEXT = StrictString(min_length=2, max_length=4)
LINE = SingleLineString(max_length=10)
EMAIL = Email(max_length=20)
KNOWN_EMAIL = KnownEmail(max_length=254)
CHOICE = Choice(Role)
BOOLEAN = StrictBoolean()
QUERY_BOOLEAN = QueryBoolean()
QUERY_INTEGER = QueryInteger(minimum=-5, maximum=100)
ALL_FIELDS = (TEXT, LINE, EMAIL, KNOWN_EMAIL, CHOICE, BOOLEAN, QUERY_BOOLEAN, QUERY_INTEGER)


def codes(field: fields.Field[Any], value: object) -> list[str]:
    """Return the codes by which the field refuses the value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return [code_of(message) for message in caught.value.messages]


def code_of(message: object) -> str:
    assert isinstance(message, CodedMessage), message
    return message.code


def name_of(field: fields.Field[Any]) -> str:
    return type(field).__name__


@pytest.mark.parametrize("field", ALL_FIELDS, ids=name_of)
def test_null_has_a_code(field: fields.Field[Any]) -> None:
    assert codes(field, None) == ["null"]


@pytest.mark.parametrize(
    "kind",
    [StrictString, SingleLineString, Email, KnownEmail, StrictBoolean, QueryBoolean, QueryInteger],
    ids=lambda k: k.__name__,
)
def test_missing_value_has_a_code(kind: type[fields.Field[Any]]) -> None:
    limits: dict[str, Any] = {"max_length": 5} if issubclass(kind, (StrictString, Email)) else {}
    limits |= {"minimum": 1, "maximum": 2} if kind is QueryInteger else {}
    schema = Schema.from_dict({"field": kind(required=True, **limits)})

    (message,) = schema().validate({})["field"]

    assert code_of(message) == "required"


# CodedMessage


def test_message_is_its_text() -> None:
    assert CodedMessage("length", "Too long.") == "Too long."


def test_message_keeps_its_code_when_it_is_filled_in() -> None:
    message = CodedMessage("length", "At most {max}.").format(max=5)

    assert (message, message.code) == ("At most 5.", "length")


def test_filled_in_value_is_not_taken_for_a_placeholder() -> None:
    assert CodedMessage("c", "{input}").format(input="{max}") == "{max}"


# Text


@pytest.mark.parametrize("value", ["ab", "abcd", "a\nb", "é😀", "  ", "\x01\x7f"])
def test_text_is_taken_as_it_is(value: str) -> None:
    assert TEXT.deserialize(value) == value


@pytest.mark.parametrize("value", [1, 1.5, True, False, [], {}, b"ab", ["ab"]])
def test_text_is_a_string(value: object) -> None:
    assert codes(TEXT, value) == ["type"]


@pytest.mark.parametrize("value", ["", "a", "😀", "abcde", "😀" * 5])
def test_text_has_a_length(value: str) -> None:
    assert codes(TEXT, value) == ["length"]


@pytest.mark.parametrize("value", ["a\0", "\0\0", "a\ud800", "\udfff", "\udc00\ud800"])
def test_text_is_storable(value: str) -> None:
    assert codes(TEXT, value) == ["characters"]


def test_length_is_told() -> None:
    with pytest.raises(ValidationError, match="This must have 2 to 4 characters"):
        TEXT.deserialize("a")


def test_length_without_a_minimum_is_told() -> None:
    with pytest.raises(ValidationError, match="This must have at most 10 characters"):
        LINE.deserialize("a" * 11)


def test_pattern_is_documented_beside_other_facts() -> None:
    field = StrictString(max_length=5, metadata={"description": "A text."})

    assert field.metadata == {"pattern": r"^[^\u0000]*$", "description": "A text."}


# Line


@pytest.mark.parametrize("value", ["", "a b", "Renée", "\u00a0", "\u00ad", "日本", "👩‍🔬"])
def test_line_is_taken_as_it_is(value: str) -> None:
    assert LINE.deserialize(value) == value


@pytest.mark.parametrize("code_point", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029])
def test_line_has_no_control_characters(code_point: int) -> None:
    assert codes(LINE, f"a{chr(code_point)}") == ["characters"]


@pytest.mark.parametrize("value", ["\ud800", "a\n", "\r\n"])
def test_line_is_one_line(value: str) -> None:
    assert codes(LINE, value) == ["characters"]


@pytest.mark.parametrize("value", [1, None, []])
def test_line_is_a_string(value: object) -> None:
    assert codes(LINE, value) == ["null" if value is None else "type"]


def test_pattern_of_a_line_is_its_own() -> None:
    assert LINE.metadata["pattern"] == SingleLineString.pattern != StrictString.pattern


# Email


@pytest.mark.parametrize(
    ("value", "loaded"),
    [
        ("ada@example.com", "ada@example.com"),
        ("ADA@Example.COM", "ada@example.com"),
        ("a@é.de", "a@xn--9ca.de"),
    ],
)
def test_address_is_loaded_in_its_canonical_form(value: str, loaded: str) -> None:
    assert EMAIL.deserialize(value) == loaded


@pytest.mark.parametrize(
    "value",
    [
        *(1, True, [], {}, b"a@b.de"),
        *("", "ada", "ada@", "@b.de", "a@b@c.de", "a@b..de", "a b@c.de", "a@b.de\n"),
        *("é@b.de", "a@b.test", "a\0@b.de", "\ud800@b.de", '"\x01"@b.de', '"\x7f"@b.de'),
    ],
)
def test_address_is_an_address(value: object) -> None:
    assert codes(EMAIL, value) == ["email"]


@pytest.mark.parametrize("value", ["ada.lovelace@example.com", "no address, and too long"])
def test_address_has_a_length(value: str) -> None:
    assert codes(EMAIL, value) == ["length"]


@pytest.mark.parametrize("value", ["ADA@Example.COM", "a@É.de", '"ada"@example.com', "a@b.test"])
def test_known_address_is_loaded_as_it_was_typed(value: str) -> None:
    assert KNOWN_EMAIL.deserialize(value) == value


@pytest.mark.parametrize(
    "value",
    ["a@[127.0.0.1]", "a@localhost", "a@b.123", "a@xn--zzzzzzzzzz99999.com", f"{'a' * 65}@b.de"],
)
def test_known_address_may_be_one_that_is_no_longer_taken(value: str) -> None:
    assert codes(Email(max_length=254), value) == ["email"]
    assert KNOWN_EMAIL.deserialize(value) == value


@pytest.mark.parametrize("value", [7, "", "a@b@c.de", "é@b.de", "a@\u017f.de", '"\x01"@b.de'])
def test_known_address_is_an_address(value: object) -> None:
    assert codes(KNOWN_EMAIL, value) == ["email"]


def test_known_address_has_a_length() -> None:
    assert codes(KNOWN_EMAIL, f"{'a' * 250}@b.de") == ["length"]


# Choice


def test_choice_is_loaded_as_its_member() -> None:
    assert CHOICE.deserialize("moderator") is Role.MODERATOR


@pytest.mark.parametrize(
    "value", ["", "USER", "User", "root", " user", "user\n", "\ud800", "user\0"]
)
def test_choice_is_one_of_the_values(value: str) -> None:
    assert codes(CHOICE, value) == ["choice"]


@pytest.mark.parametrize("value", [1, True, [], {}, ["user"], b"user"])
def test_choice_is_a_string(value: object) -> None:
    assert codes(CHOICE, value) == ["type"]


def test_choices_are_told() -> None:
    with pytest.raises(ValidationError, match="This must be one of: user, moderator, admin"):
        CHOICE.deserialize("root")


# StrictBoolean


@pytest.mark.parametrize("value", [True, False])
def test_boolean_is_taken_as_it_is(value: bool) -> None:  # noqa: FBT001 - it is the value
    assert BOOLEAN.deserialize(value) is value


@pytest.mark.parametrize("value", [0, 1, 1.0, "true", "false", "", [], {}])
def test_boolean_is_no_other_thing(value: object) -> None:
    assert codes(BOOLEAN, value) == ["type"]


# QueryBoolean


@pytest.mark.parametrize(("value", "loaded"), [("true", True), ("false", False)])
def test_query_boolean_is_a_word(value: str, loaded: bool) -> None:  # noqa: FBT001 - as above
    assert QUERY_BOOLEAN.deserialize(value) is loaded


@pytest.mark.parametrize("value", ["", "True", "FALSE", "1", "0", "yes", "on", " true", "true\n"])
def test_query_boolean_is_no_other_word(value: str) -> None:
    assert codes(QUERY_BOOLEAN, value) == ["type"]


# QueryInteger


@pytest.mark.parametrize(("value", "loaded"), [("0", 0), ("100", 100), ("-5", -5), ("7", 7)])
def test_query_integer_is_digits(value: str, loaded: int) -> None:
    assert QUERY_INTEGER.deserialize(value) == loaded


@pytest.mark.parametrize(
    "value", ["-6", "101", str(2**63), str(2**64), str(10**30), f"-{10**30}", "9" * 4000]
)
def test_query_integer_has_a_range(value: str) -> None:
    assert codes(QUERY_INTEGER, value) == ["range"]


@pytest.mark.parametrize(
    "value",
    [
        *("", "-", "--1", "+1", " 1", "1 ", "1\n", "1_0", "1.0", "1e1", "0x1", "one", "NaN"),
        *("\u0661", "\uff11", "\u00b2", "1\0", "9" * 4001, "9" * 100_000),
    ],
)
def test_query_integer_is_nothing_else(value: str) -> None:
    assert codes(QUERY_INTEGER, value) == ["type"]


@pytest.mark.parametrize("value", [1, 1.0, True, [], {}])
def test_query_integer_comes_as_text(value: object) -> None:
    assert codes(QUERY_INTEGER, value) == ["type"]


def test_range_is_told() -> None:
    with pytest.raises(ValidationError, match="This must be from -5 to 100"):
        QUERY_INTEGER.deserialize("101")
