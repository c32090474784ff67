"""The fields of filters and cursors: what they take, and by which code they refuse the rest."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from userapi.kit.cursor import Sort
from userapi.web.fields import Choice, CodedMessage
from userapi.web.query_fields import CursorText, QueryDateTime

pytestmark = pytest.mark.any_database

NEWEST_FIRST = Sort({"time": datetime, "id": int})
TEXT = "Bkmru9n4QAAAAAAAABJn"


class Colour(StrEnum):
    """Something to choose from."""

    RED = "red"
    LIGHT_BLUE = "light-blue"


FIELDS = (Choice(Colour), QueryDateTime(), CursorText(NEWEST_FIRST))


def codes(field: fields.Field[Any], value: object) -> list[str]:
    """Return the codes by which the field refuses the value."""
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    assert all(isinstance(message, CodedMessage) for message in caught.value.messages)
    return [getattr(message, "code", "") for message in caught.value.messages]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_null_has_a_code(field: fields.Field[Any]) -> None:
    assert codes(field, None) == ["null"]


@pytest.mark.parametrize("field", FIELDS[1:], ids=lambda field: type(field).__name__)
@pytest.mark.parametrize("value", [7, ["red"], {}])
def test_what_is_no_text_is_refused(field: fields.Field[Any], value: object) -> None:
    assert len(codes(field, value)) == 1


def test_a_time_is_as_long_as_the_document_says() -> None:
    field, start = QueryDateTime(), "2026-01-31T09:30:00."
    limit = field.metadata["maxLength"]

    assert field.deserialize(f"{start}{'0' * (limit - 1 - len(start))}Z").year == 2026
    assert codes(field, f"{start}{'0' * (limit - len(start))}Z") == ["date-time"]


def test_a_choice_is_loaded_as_what_it_names() -> None:
    assert Choice(Colour).deserialize("light-blue") is Colour.LIGHT_BLUE


@pytest.mark.parametrize("value", ["", "green", Colour.RED.name, Colour.LIGHT_BLUE.name, "red "])
def test_anything_else_is_no_choice(value: str) -> None:
    assert codes(Choice(Colour), value) == ["choice"]


def test_a_refused_choice_is_told_what_there_is() -> None:
    with pytest.raises(ValidationError) as caught:
        Choice(Colour).deserialize("green")

    assert caught.value.messages == ["This must be one of: red, light-blue."]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31t09:30:00z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00.5Z", datetime(2026, 1, 31, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T09:30:00.1234567Z", datetime(2026, 1, 31, 9, 30, 0, 123_456, tzinfo=UTC)),
        ("2026-01-31T09:30:00+01:30", datetime(2026, 1, 31, 8, 0, tzinfo=UTC)),
        ("2026-01-31T23:30:00-01:00", datetime(2026, 2, 1, 0, 30, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_loaded_in_utc(value: str, expected: datetime) -> None:
    assert QueryDateTime().deserialize(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "1769851800",
        "2026-01-31",
        "2026-01-31T09:30:00",
        "2026-01-31T09:30Z",
        "2026-01-31 09:30:00Z",
        "20260131T093000Z",
        "2026-W05-6T09:30:00Z",
        "2026-01-31T09:30:00,5Z",
        "2026-01-31T09:30:00.Z",
        "2026-01-31T09:30:00+0100",
        "2026-01-31T09:30:00 01:00",
        "2026-02-29T09:30:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T09:30:00+24:00",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "\uff12026-01-31T09:30:00Z",
        "2026-01-31T09:30:00Z\n",
    ],
)
def test_anything_else_is_no_time(value: str) -> None:
    assert codes(QueryDateTime(), value) == ["date-time"]


def test_a_cursor_is_read_and_written() -> None:
    schema = Schema.from_dict({"cursor": CursorText(NEWEST_FIRST)})()

    loaded = schema.load({"cursor": TEXT})

    assert loaded == {"cursor": NEWEST_FIRST.parse(TEXT)}
    assert schema.dump(loaded) == {"cursor": TEXT}


def test_no_cursor_is_written_as_null() -> None:
    schema = Schema.from_dict({"cursor": CursorText(NEWEST_FIRST, allow_none=True)})()

    assert schema.dump({"cursor": None}) == {"cursor": None}


@pytest.mark.parametrize("value", ["", "next", TEXT + "A", TEXT[:-1] + "="])
def test_anything_else_is_no_cursor(value: str) -> None:
    assert codes(CursorText(NEWEST_FIRST), value) == ["cursor"]
